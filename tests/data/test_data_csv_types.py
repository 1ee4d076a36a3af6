"""Text in CSV: only numbers and dates in ISO form are guessed; what somebody says a column is goes before."""

from datetime import date, datetime

import numpy as np
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError

MIDNIGHT = datetime(2024, 5, 1)


def opened(folder, *files, expected=None, types=None):
    """Return a split of one column, a CSV file for each list of cells."""
    for place, cells in enumerate(files):
        (folder / f"f{place}.csv").write_text("c,n\n" + "".join(f"{cell},1\n" for cell in cells))
    said = {"types": {"c": types} if types else None, "expected": lambda: {"c": expected} if expected else {}}
    return open_split("test", source="f*.csv", base=folder, **said)


def values(table):
    return table.expression.select("c").to_pyarrow()["c"].to_pylist()


@pytest.mark.parametrize(
    "cells",
    [
        ["T", "F"], ["F", "F"], ["true", "False"], ["yes", "no"], ["10-1-3", "10-1-4"], ["10/12/14", "10/13/14"],
        ["2024/05/01", "2024/05/02"], ["13.05.2024"], ["12:30", "13:30"], ["0x1F", "1"], ["1_000", "2"],
        ["00123", "123"], ["inf", "nan"], ["2024-13-01"], ["2024-05-01T10:00:00Z", "2024-05-01"], ["1", "none"],
        ["89014103211118510720", "89014103211118510721"],
    ],
    ids=lambda cells: " ".join(cells),
)  # fmt: skip
def test_text_that_looks_like_another_type_stays_text(tmp_path, cells):
    table = opened(tmp_path, cells)
    assert table.schema["c"] == "string"
    assert values(table) == cells


@pytest.mark.parametrize(
    ("cells", "type_", "found"),
    [
        (["1", " 2", "-3", "+4"], "int64", [1, 2, -3, 4]),
        (["inf", "1.5", "NaN", "1e3", ".5"], "float64", [float("inf"), 1.5, float("nan"), 1000.0, 0.5]),
        (["18446744073709551615", "1"], "uint64", [2**64 - 1, 1]),
        (["1", "", "2"], "int64", [1, None, 2]),
        (["2024-05-01", "0001-01-01"], "date", [date(2024, 5, 1), date(1, 1, 1)]),
        (["2024-05-01", "2024-05-01 10:30"], "timestamp(6)", [MIDNIGHT, datetime(2024, 5, 1, 10, 30)]),
    ],
)
def test_numbers_and_dates_in_iso_form_are_guessed(tmp_path, cells, type_, found):
    table = opened(tmp_path, cells)
    assert table.schema["c"] == type_
    np.testing.assert_equal(values(table), found)


def test_times_with_zones_become_moments(tmp_path):
    table = opened(tmp_path, ["2024-05-01T10:00:00Z", "2024-05-01 12:00:00+02:00", "2024-05-01 10:00:00 UTC"])
    assert table.schema["c"].startswith("timestamp('UTC'")
    assert len(set(values(table))) == 1


def test_all_files_of_a_split_have_one_type(tmp_path):
    assert values(opened(tmp_path, ["1", "2"], ["a"], [""])) == ["1", "2", "a", None]
    assert values(opened(tmp_path, ["1"], ["2.5"], [""])) == [1.0, 2.5, None]


@pytest.mark.parametrize(
    ("expected", "cells", "found"),
    [
        ("text", ["1", "2"], ["1", "2"]),
        ("boolean", ["True", "no", "1"], [True, False, True]),
        ("integer", ["01", "2"], [1, 2]),
        ("number", ["1", "2"], [1.0, 2.0]),
        ("numeric", ["T", "F"], [True, False]),
        ("numeric", ["1", "2"], [1, 2]),
        ("label", ["1", "2"], [1, 2]),
        ("label", ["2024-05-01"], ["2024-05-01"]),
        ("timestamp", ["2024-05-01"], [MIDNIGHT]),
        ("moment", ["05/13/2024", "05/01/2024"], [date(2024, 5, 13), date(2024, 5, 1)]),
        ("moment", ["13.5.2024 1:05 PM"], [datetime(2024, 5, 13, 13, 5)]),
        ("moment", ["2024", "2025"], [2024, 2025]),
        # What the cells are not, they are not expected to be.
        ("number", ["1", "many"], ["1", "many"]),
        ("date", ["13/05/2024", "05/13/2024"], ["13/05/2024", "05/13/2024"]),
    ],
)
def test_what_a_column_is_expected_to_be_goes_before_a_guess_where_it_can_be(tmp_path, expected, cells, found):
    made = values(opened(tmp_path, cells, expected=expected))
    assert made == found
    assert [type(value) for value in made] == [type(value) for value in found]


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        ("05/01/2024", "date %m/%d/%Y", "date %d/%m/%Y"),
        ("5-1-2024", "date %m-%d-%Y", "date %d-%m-%Y"),
        ("5.1.24", "date %m.%d.%y", "date %d.%m.%y"),
        ("05/01/2024 10:30", "timestamp %m/%d/%Y %H:%M", "timestamp %d/%m/%Y %H:%M"),
        ("05/01/2024 10:30:59 PM", "timestamp %m/%d/%Y %I:%M:%S %p", "timestamp %d/%m/%Y %I:%M:%S %p"),
    ],
)
@pytest.mark.parametrize("said", ["expected", "types"])
def test_a_date_that_can_be_told_either_way_is_refused_with_both_formats(tmp_path, cells, first, second, said):
    kind = "date" if said == "types" and first.startswith("date") else "timestamp" if said == "types" else "moment"
    with pytest.raises(DataError, match=r"data\.test\.source: dates in 'c' can be told either way") as caught:
        opened(tmp_path, [cells], **{said: kind})
    assert f'types = {{ c = "{first}" }} or types = {{ c = "{second}" }}' in caught.value.remedy
    assert "2024 10" not in str(caught.value)
    assert [str(value)[:10] for value in values(opened(tmp_path, [cells], types=first))] == ["2024-05-01"]
    assert [str(value)[:10] for value in values(opened(tmp_path, [cells], types=second))] == ["2024-01-05"]


def test_files_that_swap_day_and_month_are_refused(tmp_path):
    with pytest.raises(DataError, match="dates in 'c' are written in more than one form"):
        opened(tmp_path, ["13/05/2024"], ["05/13/2024"], expected="moment")
    with pytest.raises(DataError, match="'%d/%m/%Y' as those of another split are") as caught:
        opened(tmp_path, ["05/13/2024"], expected="date %d/%m/%Y")
    assert "date %m/%d/%Y" in caught.value.remedy


def test_a_year_without_its_century_is_none_of_our_era(tmp_path):
    with pytest.raises(DataError, match="'%m/%d/%Y' as those of another split are"):
        opened(tmp_path, ["05/13/2024", "12/31/25"], expected="date %m/%d/%Y")


@pytest.mark.parametrize(
    ("types", "cells", "found"),
    [
        ("text", ["1", "2"], ["1", "2"]),
        ("number", ["1", "2"], [1.0, 2.0]),
        ("boolean", ["T", "F", ""], [True, False, None]),
        ("timestamp", ["2024-05-01"], [MIDNIGHT]),
        ("timestamp %d.%m.%Y %H:%M", ["01.05.2024 00:00"], [MIDNIGHT]),
        ("date %d %b %y", ["1 May 24"], [date(2024, 5, 1)]),
    ],
)
def test_a_type_that_is_written_holds(tmp_path, types, cells, found):
    assert values(opened(tmp_path, cells, types=types, expected="integer")) == found


@pytest.mark.parametrize(
    ("types", "cells", "said"),
    [
        ("integer", ["1.5", "2", "x"], "2 cells of 'c' are no integer"),
        ("boolean", ["T", "maybe"], "1 cells of 'c' are no boolean"),
        ("date", ["2024-05-01", "soon"], "1 cells of 'c' are no date"),
        ("date %m/%d/%Y", ["13/05/2024", "01/05/2024"], "1 cells of 'c' are no date written '%m/%d/%Y'"),
        ("date %m/%d/%Y", ["12/31/25", "01/05/2024"], "1 cells of 'c' are no date written '%m/%d/%Y'"),
    ],
)
def test_cells_that_are_not_of_the_written_type_are_counted_and_not_quoted(tmp_path, types, cells, said):
    with pytest.raises(DataError, match=f"data\\.test\\.types: {said}") as caught:
        opened(tmp_path, cells, types=types)
    assert "soon" not in str(caught.value)
    assert "maybe" not in str(caught.value)
