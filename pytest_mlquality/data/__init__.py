"""Where tables come from: a split of the settings is opened once and then asked by queries.

``open_split`` reads files, tables of any Ibis backend and Python functions behind one face, ``Table``. Nothing here
imports a data library before the first split is opened.
"""

from pytest_mlquality.data.source import Split, in_memory, open_split
from pytest_mlquality.data.table import Table

__all__ = ["Split", "Table", "in_memory", "open_split"]
