"""A column of lists of labels, with a column made for each label."""

import pandas as pd
import pytest

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.label_lists import labels_of, with_label_columns
from pytest_mlquality.errors import DataError

COLUMNS = {"tags.news": "news", "tags.sport": "sport"}


def made(lists, columns=None):
    table = in_memory("test", pd.DataFrame({"tags": lists}), "here")
    return with_label_columns(table, "tags", columns or COLUMNS).frame(list(columns or COLUMNS)).to_numpy()


def test_lists_of_names_become_columns():
    assert made([["news"], [], ["sport", "news"]]).tolist() == [[1, 0], [0, 0], [1, 1]]


@pytest.mark.parametrize("kind", [int, float, bool])
def test_lists_of_flags_become_columns_in_their_order(kind):
    lists = [[kind(flag) for flag in row] for row in ([1, 0], [0, 0], [1, 1])]
    assert made(lists).tolist() == [[1, 0], [0, 0], [1, 1]]


def test_a_row_without_a_list_has_no_label_that_is_known():
    assert pd.isna(made([["news"], None])[1]).all()


def test_a_split_without_the_column_stays_as_it_is():
    table = in_memory("production", pd.DataFrame({"x": [1]}), "here")
    assert with_label_columns(table, "tags", COLUMNS) is table


WRONG = {
    "no list": (["news", "sport"], "'tags' is string, and [data] labels is of a column of lists"),
    "another length": ([[1, 0], [1]], "1 lists of 'tags' are not as long as [data] labels, 2"),
    "an unknown name": ([["news", "sprot"]] * 10, "1 labels that [data] labels lacks: 'sprot' (did you mean 'sport'?)"),
    "a rare one": ([["Ana"]], "1 labels that [data] labels lacks: each in few rows"),
}


@pytest.mark.parametrize(("lists", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told(lists, message):
    with pytest.raises(DataError) as refused:
        made(lists)
    assert message in str(refused.value)


def test_labels_are_found_in_the_lists():
    names = in_memory("train", pd.DataFrame({"tags": [["b", "a"], ["c"], []]}), "here")
    flags = in_memory("train", pd.DataFrame({"tags": [[1, 0, 1]]}), "here")
    assert labels_of(names, "tags") == ["a", "b", "c"]
    assert labels_of(flags, "tags") == ["1", "2", "3"]
