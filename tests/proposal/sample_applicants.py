"""Tables that are looked at: applicants with everything that a proposal can be about, and their canaries."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa

RARE = "Zaragozana"
# Extremes that stand nowhere else.
CANARIES = ("98765.4321", "-77.1234", "31337", "2031-07-19", "Wolfeschlegelsteinhausenbergerdorff", "1193")


def applicants(seed, rows=3000):
    """Rows with few and many values, rare ones, gaps, orders and extremes that belong to one person."""
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 90, rows)
    age[0] = 1193
    income = draw.gamma(2, 1000, rows).round(4)
    income[1] = 98765.4321
    balance = draw.normal(500, 200, rows)
    balance[2] = -77.1234 - 1000
    balance[3] = -77.1234
    town = draw.choice(["Aachen", "Brno", "Cork"], rows).astype(object)
    town[4:8] = RARE
    name = np.array(["".join(draw.choice(list("abcdefgh"), 8)) for _ in range(rows)], dtype=object)
    name[5] = "Wolfeschlegelsteinhausenbergerdorff"
    low = draw.integers(0, 5000, rows)
    high = low + draw.integers(0, 5000, rows)
    low[6], high[6] = 5, 31337
    opened = pd.Timestamp("2020-03-01") + pd.to_timedelta(draw.integers(0, 1500, rows), unit="D")
    opened = pd.Series(opened)
    opened[7] = pd.Timestamp("2031-07-19")
    score = (income - 2000) / 1500 + draw.normal(size=rows)
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 1_000_000,
            "applicant_age": age,
            "income": income,
            "balance": balance,
            "town": town,
            "name": name,
            "contract": [f"AB-{number:05d}" for number in draw.integers(0, 99999, rows)],
            "low": low,
            "high": high,
            "opened": opened,
            "gap": np.where(draw.random(rows) < 0.2, np.nan, draw.normal(size=rows)),
            "granted": (score > 0).astype(int),
        }
    )


def strange(rows=600):
    """Columns of every kind that Parquet knows, and names that hurt."""
    draw = np.random.default_rng(7)
    return pa.table(
        {
            "nested": pa.array([{"a": 1, "b": [1, 2]}] * rows),
            "listed": pa.array([[1, 2, 3]] * rows),
            "bytes": pa.array([b"\x00\x01"] * rows),
            "price": pa.array([decimal.Decimal(f"{n}.50") for n in draw.integers(1, 900, rows)], pa.decimal128(9, 2)),
            "clock": pa.array([dt.time(n % 24, 5) for n in range(rows)]),
            "day": pa.array([dt.date(2021, 1, 1) + dt.timedelta(days=int(n)) for n in draw.integers(0, 900, rows)]),
            "moment": pa.array(
                [
                    dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=int(n))
                    for n in draw.integers(0, 9000, rows)
                ],
                pa.timestamp("us", "UTC"),
            ),
            "nothing": pa.nulls(rows),
            "gone": pa.array([None] * rows, pa.float64()),
            "endless": pa.array(np.where(draw.random(rows) < 0.1, np.inf, draw.normal(size=rows))),
            "maybe": pa.array([None if n % 5 == 0 else int(n % 7) for n in range(rows)], pa.int32()),
            "truth": pa.array(draw.random(rows) < 0.4),
            "fixed": pa.array([3] * rows),
            "kind": pa.array(np.where(draw.random(rows) < 0.5, "yes", "no")),
            'a "quoted"\nname: #1 $x': pa.array(draw.normal(size=rows)),
            "mixed": pa.array(["12" if n % 3 else "twelve" for n in range(rows)]),
            "empty": pa.array(["" if n % 4 == 0 else "N/A" if n % 4 == 1 else f"text {n}" for n in range(rows)]),
            "label": pa.array(draw.choice(["good", "bad"], rows)),
        }
    )
