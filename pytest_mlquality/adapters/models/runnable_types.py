"""Which names in a skops file are of code that runs commands, opens files or runs other code: nobody trusts those."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase

# Values, and functions of numbers, among the standard library.
_DATA = (
    *("array.array", "decimal.Decimal", "fractions.Fraction", "random.Random", "types.SimpleNamespace", "uuid.UUID"),
    *("builtins.bytearray", "builtins.bytes", "builtins.complex", "builtins.dict", "builtins.frozenset"),
    *("builtins.object", "builtins.range", "builtins.slice"),
    *("cmath.*", "collections.*", "datetime.*", "math.*", "statistics.*"),
)
# Not the standard library's, and as able: what unpickles, reads and writes, compiles, fetches or starts processes.
_PACKAGES = frozenset(
    {
        *("IPython", "_pytest", "cffi", "click", "cloudpickle", "cython", "dask", "dill", "distributed", "distutils"),
        *("docker", "duckdb", "execnet", "fabric", "fsspec", "git", "httpx", "ibis", "invoke", "ipykernel", "jinja2"),
        *("joblib", "jsonpickle", "llvmlite", "loky", "mlflow", "nbformat", "numba", "numexpr", "paramiko", "pathos"),
        *("pexpect", "pip", "pkg_resources", "plumbum", "psutil", "ptyprocess", "py", "pyarrow", "pyspark", "pytest"),
        *("pytest_mlquality", "ray", "requests", "setuptools", "sh", "skops", "sqlalchemy", "sympy", "urllib3"),
        *("xdist", "yaml"),
    }
)
_PARTS = (
    *("numpy.*load*", "numpy.*save*", "numpy.*memmap*", "numpy.*DataSource*", "numpy.fromfile", "numpy.fromregex"),
    *("numpy.genfromtxt", "numpy.ctypeslib.*", "numpy.distutils.*", "numpy.f2py.*", "numpy.lib.*", "numpy.testing.*"),
    *("pandas.read_*", "pandas.eval", "pandas.ExcelFile", "pandas.ExcelWriter", "pandas.HDFStore", "pandas.io.*"),
    *("pandas.util.*", "pandas.compat.*", "pandas.core.computation.*", "polars.read_*", "polars.scan_*", "polars.io.*"),
    *("scipy._lib.*", "scipy.io.*", "sklearn.datasets.*", "sklearn.externals.*", "sklearn.utils._testing.*"),
    *("torch.hub.*", "torch.load", "torch.serialization.*", "torch.jit.*", "torch.package.*", "torch.utils.*"),
)
# Whatever package passes them on.
_NAMES = frozenset(
    {
        *("Popen", "__import__", "call", "check_call", "check_output", "compile", "eval", "exec", "execfile", "execv"),
        *("execve", "getoutput", "getstatusoutput", "import_module", "popen", "posix_spawn", "runcode", "system"),
        *("urlopen", "urlretrieve"),
    }
)
# Someone who wrote it down decided so: what it holds has to be trusted for itself.
HONOURED = frozenset({"functools.partial"})


def can_run(name: str) -> bool:
    """Say whether a type or function of this full name can run commands or code, or reach files or the network.

    Nothing is imported to find out: what a name stands for is looked up where its module has been imported before. A
    name of the user's own modules is taken for what it says.
    """
    return _is_able(name) or any(map(_is_able, _true_names(name)))


def _is_able(name: str) -> bool:
    package = name.partition(".")[0]
    if package in sys.stdlib_module_names:
        return not any(fnmatchcase(name, harmless) for harmless in _DATA)
    return package in _PACKAGES or name.rpartition(".")[2] in _NAMES or any(fnmatchcase(name, able) for able in _PARTS)


def _true_names(name: str) -> list[str]:
    """Return where a thing was made that another module passes on, such as a ``system`` of ``mine.tools``."""
    module, _, attribute = name.rpartition(".")
    found = vars(sys.modules[module]).get(attribute) if sys.modules.get(module) is not None else None
    made, called = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
    return [f"{made}.{called}"] if isinstance(made, str) and isinstance(called, str) else []
