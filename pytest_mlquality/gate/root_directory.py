"""No option of ours takes part in finding pytest's root directory.

pytest finds it before it knows the options of plugins: of ``--ml-report ../out`` it takes ``../out`` for a path of
tests, if that exists by then, and reads the configuration above it. Where that led it elsewhere, nothing found there is
used: pytest starts anew, with each of our options joined to its value (``--ml-report=../out``).
"""

from __future__ import annotations

import copy
import os
import shlex
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pytest

_ANEW = pytest.StashKey[tuple[list[str], list[str]]]()
ADDOPTS = "PYTEST_ADDOPTS"


def starts_anew(config: pytest.Config, parser: pytest.Parser, arguments: list[str], options: Collection[str]) -> bool:
    """Return whether a value of `options` has led pytest to another root directory; then nothing of that is loaded.

    Parameters
    ----------
    arguments
        What pytest is about to parse; emptied where it is to start anew.
    options
        The names of options that take a value.
    """
    added = list(_written_out(shlex.split(os.environ.get(ADDOPTS, ""))))
    given = list(_written_out(config.invocation_params.args))
    joined = _joined(added, options), _joined(given, options)
    if joined == (added, given) or not _is_elsewhere(config, parser, [*joined[0], *joined[1]]):
        return False
    config.stash[_ANEW] = joined
    arguments.clear()
    config.known_args_namespace = parser.parse_known_args(["--noconftest"], namespace=copy.copy(config.option))
    return True


def run_anew(config: pytest.Config) -> int | pytest.ExitCode | None:
    """Run pytest with the right root directory and return its exit code; None where it was right already."""
    anew = config.stash.get(_ANEW, None)
    if anew is None:
        return None
    added, given = anew
    if added:
        os.environ[ADDOPTS] = shlex.join(added)
    return pytest.main(given, plugins=list(config.invocation_params.plugins or ()))


def _written_out(words: Iterable[str | os.PathLike[str]]) -> Iterator[str]:
    """Yield the words, those of a file in the place of @FILE, as pytest reads it."""
    for word in (os.fspath(word) for word in words):
        if word.startswith("@"):
            yield from _written_out(Path(word[1:]).read_text().splitlines())
        else:
            yield word


def _joined(words: list[str], options: Collection[str]) -> list[str]:
    """Return the words with each option joined to a value that names something there is."""
    joined: list[str] = []
    for place, word in enumerate(words):
        if word == "--":
            return joined + words[place:]
        if joined and joined[-1] in options and _exists(word):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined


def _exists(word: str) -> bool:
    try:
        return not word.startswith("-") and Path(word.partition("::")[0]).exists()
    except OSError:
        return False


def _is_elsewhere(config: pytest.Config, parser: pytest.Parser, words: list[str]) -> bool:
    """Return whether these words lead to another root directory or configuration than pytest has found."""
    try:
        # Not public, but only asked whether to start anew, which is right in doubt.
        from _pytest.config.findpaths import determine_setup

        known = parser.parse_known_args(words, namespace=copy.copy(config.option))
        root, configuration, *_ = determine_setup(
            inifile=known.inifilename,
            override_ini=known.override_ini,
            args=known.file_or_dir,
            rootdir_cmd_arg=known.rootdir or None,
            invocation_dir=config.invocation_params.dir,
        )
    except Exception:
        return True
    return (root, configuration) != (config.rootpath, config.inipath)
