"""The pages that the reports of this package draw."""

from importlib import import_module

PAGES = tuple(
    import_module(f"pytest_mlquality.reports.{name}").FILE_NAME for name in ("html", "markdown", "openmetrics")
)
