"""Files that are written whole or not at all, and what keeps them from being written, said clearly."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from regionmap.errors import StoreError

_LOG = logging.getLogger(__name__)
_HOST = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_REASONS = {
    errno.EROFS: "the share is read-only",
    errno.EACCES: "no permission to write there (a read-only share, or a file that another program holds open)",
    errno.EPERM: "no permission to write there (a read-only share, or a protected file)",
    errno.EBUSY: "another program holds the file",
    errno.ETXTBSY: "another program holds the file",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EEXIST: "a part of the path is a file, not a folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "there is a folder of that name",
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when all went well.

    Whatever happens, a kill included, `path` is what it was or what was written, never a part. What a kill
    leaves beside it, a hidden `.part` file, the next save of the same name removes.

    Raises
    ------
    StoreError : read-only folder, a GeoPackage that another program has open, a full disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "read-only", str(path))
        _unlocked(path)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.{_HOST}-{os.getpid()}-", suffix=f".part{path.suffix}"
        )
        os.close(handle)
    except StoreError:
        raise
    except OSError as error:
        raise _explained(path, error) from error
    temporary = Path(name)
    try:
        temporary.unlink()
        yield temporary
        _put(temporary, path)
    except OSError as error:
        if isinstance(error, StoreError) or error.errno not in _REASONS:
            raise
        raise _explained(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    with temporary.open("r+b") as file:
        os.fsync(file.fileno())
    temporary.chmod(0o666 & ~_umask())
    _unlocked(path)
    temporary.replace(path)
    _LOG.info("wrote %s, %d bytes", path, path.stat().st_size)
    if os.name == "posix":  # the new name itself must reach the disk
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError as error:  # some network shares can't
            if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
                raise
        finally:
            os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(path: Path) -> None:
    """Remove what killed saves of this name on this machine left."""
    start = f".{path.name}.{_HOST}-"
    for left in path.parent.iterdir():
        if left.name.startswith(start) and ".part" in left.name:
            owner = left.name[len(start) :].partition("-")[0]
            if owner.isdigit() and not _alive(int(owner)):
                left.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if os.name != "posix" or process == os.getpid():  # Windows' os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unlocked(path: Path) -> None:
    """A GeoPackage that is open elsewhere must not be replaced: its writer's changes would be lost."""
    if path.suffix.lower() != ".gpkg" or not path.is_file() or not path.stat().st_size:
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0.5)) as base:
            base.execute(
                "PRAGMA journal_mode = DELETE"
            ).fetchall()  # ends write-ahead logging; refused while it is used
            base.execute("BEGIN EXCLUSIVE")
            base.rollback()
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise StoreError(
                f"{path}: another program (QGIS, perhaps) has the file open; close it there, then save again"
            ) from error
        if "readonly" in text or "unable to open" in text:
            raise StoreError(f"{path}: {_REASONS[errno.EACCES]}") from error
        # no database at all: it is replaced like any other file


def _explained(path: Path, error: OSError) -> StoreError:
    reason = _REASONS.get(error.errno or 0, str(error.strerror or error))
    return StoreError(f"{path} was not written, what was there stands: {reason}")
