"""Whatever a model does when it fails, prints, logs or warns: no cell of the rows that it was asked about is quoted."""

import ctypes
import io
import logging
import os
import subprocess
import sys
import threading
import traceback
import warnings

import numpy as np
import pandas as pd
import pytest
from dateutil import parser
from sklearn.linear_model import LogisticRegression

from pytest_mlquality.adapters.models.checked import CheckedModel
from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import cause_of, told
from pytest_mlquality.shown import showing_values

CELL = "CanaryName0"
FRAME = pd.DataFrame({"who": [CELL, "Canary of b", "Canary हिन्दी", "Canary-😀"], "age": [20.0, 30.0, 40.0, 50.0]})
LOGGER = logging.getLogger("a.model")


class SaysACell(Exception):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def __str__(self):
        return f"no {self.cell}"

    __repr__ = __str__


class BadRow(ValueError):
    pass


class Stopped(BaseException):
    pass


def with_a_note(frame):
    error = ValueError("a bad row")
    error.add_note(f"it is {frame['who'][0]}")
    raise error


def with_a_cause(frame):
    try:
        raise KeyError(frame["who"][0])
    except KeyError as error:
        raise ValueError("a bad row") from error


def in_handling(frame):
    try:
        raise KeyError(frame["who"][0])
    except KeyError:
        raise ValueError("a bad row")  # noqa: B904 - what people write


def nested(frame):
    cell = frame["who"][0]
    raise ExceptionGroup(f"rows of {cell}", [ValueError(cell), ExceptionGroup(cell, [KeyError(cell)])])


def formed_from_text(frame):
    exec(f"raise ValueError('of {frame['who'][0]}')")


def raised(kind, *said):
    def ask(frame):
        raise kind(*[one.format(cell=frame["who"][0]) if isinstance(one, str) else one for one in said])

    return ask


def thrown(make):
    def ask(frame):
        raise make(frame["who"][0], frame)

    return ask


KINDS = {
    "to_datetime": lambda frame: pd.to_datetime(frame["who"]),
    "to_datetime by a format": lambda frame: pd.to_datetime(frame["who"], format="%Y"),
    "to_numeric": lambda frame: pd.to_numeric(frame["who"]),
    "dateutil": lambda frame: parser.parse(frame["who"][0]),
    "astype": lambda frame: frame["who"].astype(float),
    "float": lambda frame: float(frame["who"][0]),
    "int": lambda frame: int(frame["who"][0]),
    "numpy": lambda frame: np.asarray(frame["who"].tolist(), dtype=float),
    "scikit-learn": lambda frame: LogisticRegression().fit(frame[["who"]], [0, 1, 0, 1]),
    "decode": lambda frame: frame["who"][0].encode("utf-16").decode("ascii"),
    "encode": lambda frame: frame["who"][2].encode("ascii"),
    "index": lambda frame: frame.set_index("who").loc[frame["who"][0] + "x"],
    "attribute": lambda frame: getattr(frame, frame["who"][0]),
    "import": lambda frame: __import__(frame["who"][0]),
    "name": lambda frame: eval(frame["who"][0]),
    "syntax": lambda frame: eval(frame["who"][1]),
    "open": lambda frame: open(frame["who"][0]),  # noqa: SIM115 - it fails
    "subprocess": lambda frame: subprocess.run([frame["who"][0]], check=True),
    "query": lambda frame: frame.query(f"{frame['who'][0]} > 1"),
    "bytes": raised(ValueError, "a row b'{cell}'"),
    "backticks": raised(ValueError, "a row `{cell}`"),
    "angles": raised(ValueError, "a row <{cell}>"),
    "single quotes": raised(ValueError, "a row '{cell}'"),
    "double quotes": raised(ValueError, 'a row "{cell}"'),
    "unquoted": raised(ValueError, "a row {cell} that is bad"),
    "several arguments": raised(ValueError, "a row", "{cell}"),
    "a key": raised(KeyError, "{cell}"),
    "an assert": raised(AssertionError, "{cell} is no name"),
    "an exit": raised(SystemExit, "{cell}"),
    "a model error of ours": raised(ModelError, "no {cell}", "mend {cell}"),
    "a data error of ours": raised(DataError, "no {cell}"),
    "a warning": raised(UserWarning, "{cell}"),
    "a series": thrown(lambda _, frame: ValueError(frame["who"])),
    "a frame": thrown(lambda _, frame: ValueError(f"rows\n{frame}")),
    "a dict": thrown(lambda _, frame: ValueError(frame.to_dict())),
    "an array": thrown(lambda _, frame: ValueError("rows", frame["who"].to_numpy())),
    "words of its own": thrown(lambda cell, _: SaysACell(cell)),
    "an argument that is an exception": thrown(lambda cell, _: ValueError(SaysACell(cell))),
    "a class": thrown(lambda cell, _: type(cell, (ValueError,), {})("bad")),
    "a class of two": thrown(lambda cell, _: type(cell, (type(cell, (BadRow,), {}),), {"__module__": "builtins"})()),
    "colours": thrown(lambda cell, _: ValueError(f"\x1b[31m{cell}\x1b[0m")),
    "a note": with_a_note,
    "a cause": with_a_cause,
    "in handling": in_handling,
    "a group": nested,
    "code made of text": formed_from_text,
}
# What a message may not hold of the cells above, whole or in part.
PARTS = ("Canary", "हि", "न्", "😀", "\x1b")


def asked(ask):
    return CheckedModel("m", None, None, ask_labels=ask)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_quotes_no_cell(kind):
    with pytest.raises(ModelError, match="the model 'm' raised") as caught:
        asked(KINDS[kind]).predict(FRAME)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not [part for part in PARTS if part in shown]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_show_what_was_said(kind):
    silent = {"a warning": "UserWarning", "scikit-learn": "ValueError", "a class of two": "BadRow"}
    with showing_values(True), pytest.raises(ModelError, match=silent.get(kind, "m")) as caught:
        asked(KINDS[kind]).predict(FRAME)
    assert caught.value.__cause__ is not None or kind.endswith("of ours")


def test_the_kind_the_place_and_ones_own_words_are_told():
    with pytest.raises(ModelError) as caught:
        asked(with_a_cause).predict(FRAME)
    line = with_a_cause.__code__.co_firstlineno + 4
    assert "raised ValueError in predict on 4 rows (row 1 is one of those" in caught.value.message
    assert caught.value.message.endswith(f"(test_models_quote_no_row.py:{line}): a bad row")
    with pytest.raises(ModelError, match=r"ExceptionGroup of ValueError, ExceptionGroup in predict.*: rows of \.\.\."):
        asked(nested).predict(FRAME)
    with pytest.raises(ModelError, match=r"BadRow in predict on 4 rows"):
        asked(KINDS["a class of two"]).predict(FRAME)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (KINDS["float"], r"could not convert string to float: '\.\.\.'"),
        (KINDS["astype"], r"could not convert string to float: '\.\.\.'"),
        (KINDS["int"], r"invalid literal for int\(\) with base 10: '\.\.\.'"),
        (lambda frame: frame["wage"], ": 'wage'"),
        (lambda frame: frame.wages, "'DataFrame' object has no attribute 'wages'"),
        (
            lambda frame: frame["age"] + frame["age"].tolist()[:2],
            "operands could not be broadcast together with shapes",
        ),
        (lambda frame: 1 / 0, "division by zero"),
        (lambda frame: LogisticRegression().predict(frame[["age"]]), "is not fitted yet"),
    ],
)
def test_what_libraries_say_of_common_failures_is_told(ask, words):
    with pytest.raises(ModelError, match=words):
        asked(ask).predict(FRAME)


def test_an_interrupt_goes_on():
    for kind in (KeyboardInterrupt, Stopped):
        with pytest.raises(kind):
            asked(thrown(lambda cell, _, kind=kind: kind(cell))).predict(FRAME)


def test_an_error_that_cannot_speak_is_told_by_its_kind():
    class Mute(Exception):
        def __str__(self):
            raise ValueError(CELL)

    with pytest.raises(Mute) as caught:
        raise Mute
    assert told(caught.value).startswith("Exception in test_models_quote_no_row.py:")
    assert cause_of(caught.value) is None


# --- what it prints, logs and warns of --------------------------------------------------------------------------------


kept = sys.stdout


def loud(frame):
    cell = frame["who"][0]
    print(cell)
    print(cell, file=sys.stderr)
    print(cell, file=kept)
    print(cell, file=sys.__stdout__)
    os.write(1, cell.encode())
    os.write(2, cell.encode())
    libc = ctypes.CDLL(None)
    libc.puts(cell.encode())
    subprocess.run([sys.executable, "-c", f"print({cell!r})"], check=True)
    LOGGER.critical("a row %s", cell)
    warnings.warn(f"a row of {cell} is bad", RuntimeWarning, stacklevel=1)
    warnings.warn(type(cell, (UserWarning,), {})(cell), stacklevel=1)
    return np.zeros(len(frame))


def test_nothing_that_a_model_prints_logs_or_warns_of_is_heard(capfd, caplog, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "kept", sys.stdout)
    print("before")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asked(loud).predict(FRAME)
    print("after")
    ctypes.CDLL(None).fflush(None)
    heard = capfd.readouterr()
    assert heard.out == "before\nafter\n"
    assert heard.err == ""
    assert caplog.text == ""
    assert [(one.category, str(one.message)) for one in warned if "closed" not in str(one.message)] == [
        (RuntimeWarning, "a row of ... is bad"),
        (UserWarning, "what it says is not shown, it may quote rows ([report] samples = true shows it)"),
    ]


def test_samples_let_a_model_be_heard(capfd, caplog):
    with showing_values(True), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asked(loud).predict(FRAME)
    assert CELL in " ".join(str(one.message) for one in warned if one.category is RuntimeWarning)
    assert CELL in capfd.readouterr().out
    assert CELL in caplog.text


def test_what_a_model_logs_to_a_file_of_its_own_goes_there(tmp_path):
    handler = logging.FileHandler(tmp_path / "own.log")
    LOGGER.addHandler(handler)
    try:
        asked(loud).predict(FRAME)
    finally:
        LOGGER.removeHandler(handler)
        handler.close()
    assert CELL in (tmp_path / "own.log").read_text()


def test_a_warning_is_given_on_each_time_that_it_is_asked_for():
    for _ in range(2):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            asked(loud).predict(FRAME)
        assert "a row of ... is bad" in [str(one.message) for one in warned]


def test_what_a_failing_model_prints_is_not_heard_and_output_comes_back(capfd):
    def ask(frame):
        print(frame)
        raise ValueError(CELL)

    with pytest.raises(ModelError):
        asked(ask).predict(FRAME)
    print("after")
    assert capfd.readouterr() == ("after\n", "")


def test_threads_and_nested_calls_share_one_silence(capfd):
    inside, go_on = threading.Event(), threading.Event()

    def first():
        with foreign_code():
            inside.set()
            assert go_on.wait(30)
            print(CELL)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(30)
    with foreign_code(), foreign_code():
        print(CELL)
    print(CELL)
    go_on.set()
    thread.join(30)
    print("after")
    assert capfd.readouterr() == ("after\n", "")


def test_an_own_standard_output_is_left_as_it_was(monkeypatch):
    mine = io.StringIO()
    monkeypatch.setattr(sys, "stdout", mine)
    print("before")
    asked(loud).predict(FRAME)
    print("after")
    assert mine.getvalue() == "before\nafter\n"
