"""What libraries say of common failures in code that is no Python, so that it stands in no function that was running.

Each is whole words without a place for a value: a cell can be none of them but by saying the very same.
"""

from __future__ import annotations

_OF_PYTHON = (
    "argument must be a string or a real number, not",
    "argument must be a string, a bytes-like object or a real number, not",
    "bad operand type for",
    "can't multiply sequence by non-int of type",
    "cannot unpack non-iterable",
    "division by zero",
    "does not support item assignment",
    "got an unexpected keyword argument",
    "got multiple values for argument",
    "has no attribute",
    "object has no attribute",
    "object is not callable",
    "object is not iterable",
    "object is not subscriptable",
    "invalid literal for int() with base 10:",
    "is not callable",
    "is not defined",
    "is not in list",
    "is not iterable",
    "is not subscriptable",
    "list index out of range",
    "math domain error",
    "maximum recursion depth exceeded",
    "missing 1 required positional argument:",
    "missing 2 required positional arguments:",
    "No module named",
    "No such file or directory",
    "not enough values to unpack",
    "not supported between instances of",
    "object cannot be interpreted as an integer",
    "Permission denied",
    "string index out of range",
    "too many values to unpack",
    "tuple index out of range",
    "unhashable type:",
    "unsupported operand type(s) for",
)
_OF_CODECS = (
    "codec can't decode byte",
    "codec can't encode character",
    "invalid continuation byte",
    "invalid start byte",
)
_OF_NUMPY = (
    "assignment destination is read-only",
    "cannot convert float infinity to integer",
    "cannot convert float NaN to integer",
    "could not convert string to float:",
    "could not convert string to float",
    "is out of bounds for axis",
    "operands could not be broadcast together with shapes",
    "setting an array element with a sequence.",
    "The requested array has an inhomogeneous shape",
    "Unable to allocate",
    "divide by zero encountered in",
    "invalid value encountered in",
    "overflow encountered in",
    "underflow encountered in",
)
_OF_MODELS = (
    "feature_names mismatch:",
    "Input X contains NaN.",
    "Input contains NaN",
    "Invalid rank for input:",
    "Got invalid dimensions for input:",
    "The number of features in data",
    "Unexpected input data type.",
    "train and valid dataset categorical_feature do not match.",
)
# Of a metric that is not defined: scikit-learn puts these together from templates.
_OF_METRICS = (
    *(f"{metric} is ill-defined and being set to 0.0" for metric in ("F-score", "Jaccard", "Precision", "Recall")),
    *("due to", "in labels with", "in samples with"),
    *(f"no {which} {what}." for which in ("true", "predicted", "true nor predicted") for what in ("samples", "labels")),
)
PHRASES = (*_OF_PYTHON, *_OF_CODECS, *_OF_NUMPY, *_OF_MODELS, *_OF_METRICS)
# Types as these phrases quote them; what else stands in quotes may be a cell.
_TYPES: tuple[str, ...] = (
    "bool",
    "bytes",
    "dict",
    "float",
    "function",
    "int",
    "list",
    "method",
    "module",
    "ndarray",
    "NoneType",
    "set",
)
_TYPES += ("str", "tuple", "type", "DataFrame", "DataFrameGroupBy", "Index", "Series", "Timestamp")
QUOTED_TYPES = tuple(f"'{name}'" for name in _TYPES)
