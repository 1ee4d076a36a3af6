"""pandera, imported without what it brings along.

Where Spark is installed, pandera imports it and sets variables of the environment: one tells pyarrow for the whole
process to ignore time zones.
"""

from __future__ import annotations

import os
import warnings


def import_pandera() -> None:
    """Import pandera; the environment stays as it is, and Spark's warnings about pandas are not shown."""
    before = set(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandera.io.pandas_io
        import pandera.pandas  # noqa: F401 - the backends register themselves
    for name in set(os.environ) - before:
        del os.environ[name]
