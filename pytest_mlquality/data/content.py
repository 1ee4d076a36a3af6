"""A digest of what a table holds, the same over engines, versions, file layout, types' widths and row order.

Definition, version 1. Every value becomes a cell of 33 bytes: a tag and 32 bytes, filled up with zeros.

========  ==========================================================================================================
tag       the 32 bytes
========  ==========================================================================================================
``0``     nothing: NULL, and NaN, which pandas cannot tell from it
``b``     1 or 0: a boolean
``i``     a number that is a whole number of 64 bits: big-endian, two's complement (1, 1.0 and 1.00 are one number)
``f``     any other number that a double holds exactly: IEEE 754 binary64, big-endian
``n``     any other number: sha256 of its shortest decimal text
``s``     text, UUID, JSON: sha256 of it in UTF-8
``y``     binary: sha256 of it
``t``     date or timestamp: whole seconds since 1970-01-01 (UTC where there is a zone), nanoseconds; 8 bytes each
``c``     time of day, ``d`` duration: seconds and nanoseconds as above
``l``     list: sha256 of the cells of its elements; a map is the list of its entries, sorted by cell
``m``     struct: sha256 of, for every field in the order of names, sha256 of the name and the cell
========  ==========================================================================================================

A row is the cells of its columns in the order of the columns' UTF-8 names. The digests (sha256) of all rows, read as
big-endian numbers, are added modulo 2^256, so order does not matter and repeated rows count. The digest of the table is
sha256 of the line ``mlquality content 1``, the sorted names, each as a JSON string in a line, the number of rows in a
line, and the sum in 32 bytes. It guards against change and confusion, not against somebody who forges rows: sums of
digests can be steered.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pytest_mlquality.data.cells import WIDTH, cells
from pytest_mlquality.data.faults import explained

if TYPE_CHECKING:
    import pyarrow as pa

    from pytest_mlquality.data.table import Table

_ROWS = 50_000


def content_digest(table: Table) -> str:
    """Return ``sha256:`` and the digest of all rows of a table, streamed through in batches.

    Raises
    ------
    DataError
        The table cannot be read, or has a type that is not in the definition.
    """
    names = sorted(table.columns, key=str.encode)
    rows, total = 0, 0
    for batch in table.arrow_batches(names, _ROWS, ordered=False):
        with explained(f"data.{table.name}: no content digest", "leave columns of such types out of the source"):
            total += _sum_of_rows(batch)
        rows += batch.num_rows
    header = "".join(f"{json.dumps(name)}\n" for name in names)
    text = f"mlquality content 1\n{header}{rows}\n".encode()
    return "sha256:" + hashlib.sha256(text + (total % 2**256).to_bytes(32, "big")).hexdigest()


def _sum_of_rows(batch: pa.Table) -> int:
    import numpy as np

    laid = np.empty((batch.num_rows, batch.num_columns * WIDTH), dtype=np.uint8)
    for place, column in enumerate(batch.columns):
        laid[:, place * WIDTH : (place + 1) * WIDTH] = cells(column.combine_chunks())
    whole, sha256, number = memoryview(laid.tobytes()), hashlib.sha256, int.from_bytes
    width = laid.shape[1]
    return sum(number(sha256(whole[at : at + width]).digest(), "big") for at in range(0, len(whole), width))
