"""Every test of this room has a cache folder of its own and leaves no secret behind."""

import pytest

from pytest_mlquality import redaction


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr(redaction, "_secrets", set())
