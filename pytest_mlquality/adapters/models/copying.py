"""Copies of plain files alone: what a model's folder holds beside them is refused, within seconds, and never read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_mlquality.errors import ModelError

_PIECE = 2**20
# A copy leaves some of the disk to everything else.
_SHARE_OF_DISK = 0.9
_LINKS = "copy the folder with its links resolved (cp -rL), and name the copy"
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def copy_file(source: Path, target: Path, uri: str) -> None:
    """Copy a plain file, or the one that a link leads to, for its owner alone (mode 0600).

    Raises
    ------
    ModelError
        It is none, cannot be read, changes meanwhile, or is larger than the disk has room.
    """
    with _explained(uri, source.name):
        file = Path(os.path.realpath(source, strict=True))
        _require_room(_plain(file, source.name, uri).st_size, target.parent, uri)
        _copied(file, target, source.name, uri)


def copy_folder(source: Path, target: Path, uri: str, without: frozenset[str] = frozenset()) -> None:
    """Copy the plain files of a folder and of those in it, for their owner alone; see `copy_file`.

    A link is copied as what it leads to where that is a plain file of the same folder.

    Parameters
    ----------
    without
        Names that are left out wherever they stand.
    """
    with _explained(uri, source.name):
        root = Path(os.path.realpath(source, strict=True))
    files, folders, size = [], [], 0
    for path in _below(root, uri, without):
        name = str(path.relative_to(root))
        with _explained(uri, name):
            _require_one_line(name, uri)
            if path.is_dir() and not path.is_symlink():
                folders.append(name)
                continue
            file = _inside(path, root, name, uri)
            size += _plain(file, name, uri).st_size
            files.append((file, name))
    target.mkdir(mode=0o700)
    _require_room(size, target, uri)
    for name in folders:
        (target / name).mkdir(mode=0o700)
    for file, name in files:
        with _explained(uri, name):
            _copied(file, target / name, name, uri)


def _below(root: Path, uri: str, without: frozenset[str]) -> Iterator[Path]:
    """Yield what a folder holds, a folder before its content; no link is followed, and no depth is too deep."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        with _explained(uri, str(folder.relative_to(root))):
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        for entry in entries:
            if entry.name in without:
                continue
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))


def _inside(path: Path, root: Path, name: str, uri: str) -> Path:
    if not path.is_symlink():
        return path
    file = Path(os.path.realpath(path, strict=True))
    if not file.is_relative_to(root):
        raise ModelError(f"the model {uri!r}: {name!r} is a link that leads out of its folder", _LINKS)
    return file


def _plain(file: Path, name: str, uri: str) -> os.stat_result:
    """Return what is known of a plain file, without opening it: a pipe would wait for its other end."""
    found = file.lstat()
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise ModelError(
            f"the model {uri!r}: {name!r} is, or is a link to, {kind} and no plain file: nothing of it was read",
            "save the model again, or name the folder or file that it was saved to",
        )
    return found


def _copied(file: Path, target: Path, name: str, uri: str) -> None:
    # Between the look and this one anything may have taken its place.
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as content:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _changing(name, uri)
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            left = found.st_size
            while piece := content.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _changing(name, uri)
                copy.write(piece)


def _changing(name: str, uri: str) -> ModelError:
    return ModelError(
        f"the model {uri!r}: {name!r} changes while it is read", "wait until the model is saved, and run again"
    )


def _require_one_line(name: str, uri: str) -> None:
    # The digest of a folder is one of lines: such a name could pass for another file's.
    if any(ord(letter) < ord(" ") for letter in name):
        raise ModelError(
            f"the model {uri!r}: a file's name holds a line break or another control character: {name!a}",
            "save the model again; no library gives its files such names",
        )


def _require_room(size: int, folder: Path, uri: str) -> None:
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    if size > free * _SHARE_OF_DISK:
        raise ModelError(
            f"the model {uri!r} has {size:,} bytes, and the disk of temporary files has room for {free:,}",
            "name a smaller folder, make room, or set TMPDIR to a folder on a larger disk",
        )


@contextmanager
def _explained(uri: str, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"the model {uri!r}: {name!r} cannot be copied: {os.strerror(error.errno) if error.errno else 'no reason'}",
            f"check where it leads, that you may read it, and that there is room for temporary files; or {_LINKS}",
        ) from error
