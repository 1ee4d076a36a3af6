"""The command ``mlquality``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.fault import fault_of
from pytest_mlquality.printable import one_line, printable

KINDS = ("checks", "metrics", "settings", "marks")
SEEN_WITH = "--traceback shows its traceback, which may quote rows of the data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, or 1 where there is nothing to show or an error to read."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)  # type: ignore[no-any-return]  # set_defaults below
    except MLQualityError as error:
        _say(f"mlquality: {error}", sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as head, has seen enough.
        sys.stderr.close()
        return 0
    except Exception as error:
        if options.traceback:
            raise
        unknown = f"{type(error).__name__} in code that it was told to use\n  {SEEN_WITH}"
        _say(f"mlquality: {_homeless() or fault_of(error, SEEN_WITH) or unknown}", sys.stderr)
        return 1


def _homeless() -> MLQualityError | None:
    """Return the error of a command whose working directory was removed; None where there is one."""
    try:
        os.getcwd()
    except OSError:
        return MLQualityError("the folder that mlquality was called in is not there any more", "cd to one that is")
    return None


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print text, in which names may stand that come from data and files of anybody."""
    print(printable(text), file=stream)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mlquality", description="Quality gates of machine-learning systems.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="show checks, metrics, settings and markers, with their meaning")
    listing.add_argument("kind", nargs="?", metavar="|".join(KINDS))
    listing.add_argument("word", nargs="?", help="only entries that contain this word")
    listing.set_defaults(run=_list)
    rows = commands.add_parser("rows", help="show rows that break a rule, from a file of [schema] failing_rows")
    rows.add_argument("file", type=Path)
    rows.add_argument("--rule", default="", metavar="WORD", help="only rules that contain this word")
    rows.add_argument("--most", type=int, default=20, metavar="N", help="rows shown of each rule (default: 20)")
    rows.set_defaults(run=_rows)
    _add_init(commands)
    profile = commands.add_parser("profile", help="write the profile of a split, a reference that needs no rows")
    profile.add_argument("file", nargs="?", type=Path, default=Path("mlquality.toml"), help="default: mlquality.toml")
    profile.add_argument("--split", default="train", help="default: train")
    profile.add_argument("--output", type=Path, metavar="FILE", help="default: SPLIT.profile.json")
    profile.set_defaults(run=_profile)
    explain = commands.add_parser("explain", help="say why the model answered the row of a key as it did")
    explain.add_argument("file", nargs="?", type=Path, default=Path("mlquality.toml"), help="default: mlquality.toml")
    explain.add_argument("--key", required=True, metavar="K", help="the row's value of [data] key")
    explain.add_argument("--split", help="where the row stands (default: [explanation] on)")
    explain.add_argument("--model", metavar="URI", help="another model than [model] uri")
    explain.set_defaults(run=_explain)
    report = commands.add_parser("report", help="draw the reports anew from the evidence, also of a run cut short")
    report.add_argument(
        "directory", nargs="?", type=Path, default=Path("ml-quality-report"), help="or a file such as DIR/runs/ID.json"
    )
    report.set_defaults(run=_report)
    power = commands.add_parser("power", help="say of each limit of a run where it fails and passes, with its rows")
    power.add_argument("directory", nargs="?", type=Path, default=Path("ml-quality-report"), help="where its report is")
    power.add_argument("--only", default="", metavar="WORD", help="only checks and measurements that contain this word")
    power.set_defaults(run=_power)
    for command in commands.choices.values():
        command.add_argument("--traceback", action="store_true", help="show where a fault of this program arose")
    return parser


def _add_init(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    init = commands.add_parser("init", help="look at data and model, and propose a gate for them")
    init.add_argument("--data", action="append", default=[], metavar="SPLIT=SOURCE", help="train=train.parquet ...")
    init.add_argument("--target", action="append", metavar="COLUMN", help="the label; of several: a,b,c, or repeated")
    init.add_argument("--key", metavar="COLUMN", help="what identifies a row")
    init.add_argument("--time", metavar="COLUMN", help="when a row arose")
    init.add_argument("--model", metavar="URI", help="the model under test")
    init.add_argument("--registry", metavar="URI", help="the registry of a models:/ URI")
    init.add_argument("--engine", metavar="URL", help="where tables of --data train=TABLE stand: sqlite:///w.db ...")
    init.add_argument("--trusted-type", action="append", default=[], metavar="TYPE", help="a type that skops may build")
    init.add_argument("--sha256", metavar="HEX", help="what a pickle's digest must be for it to be loaded")
    init.add_argument("--directory", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")
    init.add_argument("--explore", action="store_true", help="write profile.html too: pictures of the data")
    init.add_argument("--update", action="store_true", help="show what could be added to files that exist")
    init.add_argument("--write", action="store_true", help="with --update: add it")
    init.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from pytest_mlquality.proposal import command, request, update

    words = ("target", "key", "time", "model", "registry", "engine", "sha256")
    asked = request.of_words(
        options.data,
        options.directory,
        trusted_types=options.trusted_type,
        **{word: getattr(options, word) for word in words},
    )
    if options.write and not options.update:
        raise MLQualityError("--write adds to files that exist, which --update looks at", "mlquality init --update")
    if options.update:
        told = update.update(asked, write=options.write, explore=options.explore)
    else:
        told = command.propose(asked, explore=options.explore)
    for line in told:
        _say(line)
    return 0


def _list(options: argparse.Namespace) -> int:
    from pytest_mlquality.catalogue import entries

    kind, word = options.kind, options.word
    if kind is not None and kind not in KINDS:
        if word is not None:
            raise MLQualityError(f"{kind!r} is not one of {', '.join(KINDS)}", "mlquality list [KIND] [WORD]")
        kind, word = None, kind
    found = [entry for entry in entries(KINDS if kind is None else (kind,)) if entry.contains(word or "")]
    for entry in found:
        _say(str(entry))
    if not found:
        _say(f"nothing contains {word!r}", sys.stderr)
    return 0 if found else 1


def _rows(options: argparse.Namespace) -> int:
    from pytest_mlquality.rules.failing_rows import read_failing_rows

    for text in read_failing_rows(options.file, rule=options.rule, most=options.most):
        _say(text)
    return 0


def _profile(options: argparse.Namespace) -> int:
    from pytest_mlquality.subject import load

    output = options.output or Path(f"{options.split}.profile.json")
    made = load(options.file).profiles_of().whole(options.split)
    output.write_text(made.to_json(), encoding="utf-8")
    _say(one_line(f"{output}: {made.rows:,} rows, {len(made.columns)} columns"))
    for column, why in made.unprofiled.items():
        _say(one_line(f"  without {column}: {why}"))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from pytest_mlquality.settings import read_settings
    from pytest_mlquality.subject import Subject

    subject = Subject(read_settings(options.file), model=options.model)
    for decision in subject.explanation.decisions(options.key, on=options.split):
        _say("\n".join(map(one_line, decision.lines)))
    return 0


def _report(options: argparse.Namespace) -> int:
    from pytest_mlquality.evidence import read_evidence
    from pytest_mlquality.gate.ledger import write_reports

    place = options.directory
    # The pages of an earlier run, whose evidence is named, go beside it.
    folder = place.with_suffix("") if place.is_file() else place
    written, problems = write_reports(read_evidence(place), folder)
    for line in [*map(str, written), *problems]:
        _say(line)
    return 1 if problems else 0


def _power(options: argparse.Namespace) -> int:
    from pytest_mlquality.evidence import read_evidence
    from pytest_mlquality.power_listing import listing

    lines = list(listing(read_evidence(options.directory), options.only))
    for line in lines:
        _say(one_line(line))
    if not lines:
        _say("no limit of that run is of something with uncertainty", sys.stderr)
    return 0 if lines else 1


if __name__ == "__main__":
    raise SystemExit(main())
