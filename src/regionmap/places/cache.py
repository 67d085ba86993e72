"""The user's cache folder: plain arrays under a key; a missing, broken or read-only one is no error."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import platformdirs


def key(parts: Iterable[bytes]) -> str:
    """A short name for all of `parts`, in order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:24]


def sources(module: ModuleType) -> list[bytes]:
    """The sources of the package of a module, and of those beside it, for a key: other code may answer otherwise."""
    own = Path(str(module.__file__)).parent
    return [p.read_bytes() for p in sorted([*own.glob("*.py"), *own.parent.glob("*.py")])]


def load(name: str, needed: set[str]) -> dict[str, np.ndarray] | None:
    """The arrays kept under `name` if all `needed` ones are there and whole, else None."""
    try:
        with np.load(_path(name), allow_pickle=False) as file:
            arrays = {entry: file[entry] for entry in file.files}
        return arrays if needed <= set(arrays) else None
    except Exception:  # broken in any way: it is only a slow start
        return None


def save(name: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Keep arrays under `name`, whole or not at all; silently nothing where the folder can't be written."""
    temporary = None
    try:
        path = _path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        Path(temporary).replace(path)
    except OSError:
        pass
    finally:  # left over where something went wrong, an interrupt too
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _path(name: str) -> Path:
    return platformdirs.user_cache_path("regionmap") / f"{name}.npz"
