"""Checkpoints of one run: written whole or not at all, checked when read, fenced by attempt."""

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rhoscope.errors import Conflict, Corrupt, NotFound

KEEP = 2
"""Newest checkpoints kept, besides those of steps worth more."""

_NAME = re.compile(r"^attempt-(\d+)-step-(\d+)-([0-9a-f]{64})\.pt$")
_CLAIM = re.compile(r"^attempt-(\d+)\.claim$")


@dataclass(frozen=True)
class Written:
    """A checkpoint on disk."""

    path: Path
    sha256: str
    bytes: int
    kept: tuple[str, ...]
    """Names of the checkpoints that stay, the newest first."""


class Checkpoints:
    """The checkpoints of one run, for one attempt at it.

    A file is `attempt-NNNN-step-NNNNNNNNN-SHA256.pt`, so that one rename makes it and its hash appear
    together. The attempt number is the fencing epoch: once a later attempt has claimed the folder, an
    earlier one can't write.
    """

    def __init__(self, folder: Path, attempt: int, keep: int = KEEP) -> None:
        self._folder = folder
        self._attempt = attempt
        self.keep = keep

    def claim(self) -> None:
        """Bar all earlier attempts from writing. Raises: Conflict, when a later attempt was here."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._check_fence()
        (self._folder / f"attempt-{self._attempt:04d}.claim").touch()
        for torn in self._folder.glob("*.part"):
            torn.unlink(missing_ok=True)
        _sync_folder(self._folder)

    def save(self, state: dict[str, Any], step: int, precious: Collection[int] = ()) -> Written:
        """Write `state` under a temporary name, flush it to the disk, then give it its name.

        Keeps the newest `keep`, and those of `precious` steps. One more stays until the next time although
        it does not count as kept, so that what was told of last can still be asked for.

        Raises:
            Conflict: when a later attempt was here.
            OSError: when it can't be written.
        """
        stem = f"attempt-{self._attempt:04d}-step-{step:09d}"
        part = self._folder / f"{stem}.part"
        self._check_fence()
        try:
            with part.open("wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            digest = _digest(part)
            before = set(self._folder.glob(f"{stem}-*.pt"))
            path = self._folder / f"{stem}-{digest}.pt"
            self._check_fence()
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(self._folder)
        leaving = self._forget_old(before - {path}, precious)
        kept = tuple(there.name for there in self.paths() if there != leaving)
        return Written(path, digest, path.stat().st_size, kept)

    def latest(self, refused: list[str] | None = None) -> dict[str, Any] | None:
        """The newest checkpoint that reads back, of any attempt; why others do not goes to `refused`."""
        for path in self.paths():
            try:
                return load(path)
            except (Corrupt, NotFound) as error:
                if refused is not None:
                    refused.append(error.detail)
        return None

    def paths(self) -> list[Path]:
        """All checkpoints, the newest first: by attempt, then step."""
        return sorted(self._folder.glob("attempt-*-step-*.pt"), reverse=True)

    def _check_fence(self) -> None:
        names = [entry.name for entry in self._folder.iterdir()]
        attempts = [int(m[1]) for name in names if (m := _CLAIM.match(name) or _NAME.match(name))]
        later = max(attempts, default=0)
        if later > self._attempt:
            raise Conflict(
                f"Attempt {later} has taken over the checkpoints; attempt {self._attempt} may not write."
            )

    def _forget_old(self, replaced: set[Path], precious: Collection[int]) -> Path | None:
        for path in replaced:
            path.unlink(missing_ok=True)
        marks = [f"-step-{step:09d}-" for step in precious]
        old = [path for path in self.paths()[self.keep :] if not any(mark in path.name for mark in marks)]
        for path in old[1:]:
            path.unlink(missing_ok=True)
        return old[0] if old else None


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is executed.

    Raises:
        NotFound: when there is no such file.
        Corrupt: when it is not what was written.
    """
    named = _NAME.match(path.name)
    if named is None:
        raise Corrupt(f"{path.name} is not a checkpoint's name: attempt-NNNN-step-NNNNNNNNN-SHA256.pt.")
    try:
        found = _digest(path)
    except FileNotFoundError as error:
        raise NotFound(
            f"The checkpoint of attempt {int(named[1])}, step {int(named[2])} is not there any more: "
            f"newer ones have replaced it."
        ) from error
    if found != named[3]:
        raise Corrupt(f"Checkpoint {path.name} has hash {found[:12]}, not {named[3][:12]}: torn or changed.")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
