"""Checkpoints that a program saved by itself, as far as it can be started again from them."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE = "checkpoints.json"


class Saved:
    """The checkpoints of a run that are still there; a file in the run's folder outlives the process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._paths: dict[str, str] = {}
        with suppress(OSError, ValueError):
            known = json.loads(self._file.read_text(encoding="utf-8"))
            self._paths = {str(name): str(path) for name, path in known.items()}

    def note(self, path: str, step: int) -> dict[str, Any]:
        """The data of the event about one that was saved. Raises: OSError, when there is no such file."""
        address = path if "://" in path else str(Path(path).absolute())
        size = None if "://" in path else _size(Path(address))
        name = f"program-{hashlib.sha256(f'{step} {address}'.encode()).hexdigest()}"
        kept = {old: at for old, at in self._paths.items() if at != address and _is_there(at)}
        self._paths = {**kept, name: address}
        with suppress(OSError):
            _write(self._file, self._paths)
        about: dict[str, Any] = {"path": address, "name": name, "kept": list(self._paths)}
        return about if size is None else {**about, "bytes": size}


def inherit(folder: Path, kept: Mapping[str, str]) -> None:
    """Let a run's folder know checkpoints of earlier attempts, which may have run on another machine.

    Raises: OSError.
    """
    if kept:
        _write(folder / FILE, kept)


def _write(file: Path, paths: Mapping[str, str]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(paths), encoding="utf-8")
    part.replace(file)


def _size(path: Path) -> int | None:
    """Bytes of a file, None of a folder. Raises: OSError, when there is neither."""
    status = path.stat()
    return None if path.is_dir() else status.st_size


def _is_there(address: str) -> bool:
    return "://" in address or Path(address).exists()
