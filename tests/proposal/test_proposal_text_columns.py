"""`mlquality init` on CSV: columns are read as the gate will read them, and dates of another form are asked about."""

import pandas as pd
from sample_applicants import applicants


def write(house, name, **columns):
    frame = applicants(1 if name == "train" else 2).assign(**columns)
    frame.to_csv(house.path / f"{name}.csv", index=False)


def init(house, *words):
    data = [word for split in ("train", "test") for word in ("--data", f"{split}={split}.csv")]
    return house.init(*data, *words, data=())


def test_dates_that_are_read_as_text_are_asked_about(house):
    days = pd.date_range("2024-05-01", periods=12).strftime("%m/%d/%Y").tolist()
    for name in ("train", "test"):
        rows = len(applicants(1 if name == "train" else 2))
        write(house, name, opened=(days * rows)[:rows], code=[f"{place % 7:03}" for place in range(rows)])
    assert init(house) == 0
    assert '# types = { opened = "date %m/%d/%Y" }\n# types = { opened = "date %d/%m/%Y" }' in house.gate
    assert house.schema["opened"]["dtype"] == house.schema["code"]["dtype"] == "str"
    assert house.passes()


def test_a_time_whose_month_and_day_can_be_swapped_is_refused(house):
    for name in ("train", "test"):
        write(house, name, opened="05/01/2024")
    assert init(house, "--time", "opened") != 0
    assert "can be told either way" in house.said.err
