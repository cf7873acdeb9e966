"""Storage of checkpoint files: a local folder, or any address that fsspec supports."""

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.keys import run_id


class Place(ABC):
    """A flat collection of files. A file has its name only once it is whole and safe."""

    @classmethod
    def at(cls, address: str) -> "Place":
        """The place a path, `file://` or any other fsspec address names.

        Raises:
            InvalidInput: for a kind of address that fsspec does not know or lacks the package for.

        >>> Place.at("file:///data/checkpoints").address("a.pt")
        '/data/checkpoints/a.pt'
        """
        path = address.removeprefix("file://")
        if "://" not in path:
            return Folder(Path(path))
        try:
            return Remote(address.rstrip("/"))
        except (ValueError, ImportError) as error:
            message = f"'{address}' can't be used: {error}; expected a path, file:// or an fsspec URL"
            raise InvalidInput.field("RHOSCOPE_CHECKPOINT_URL", message, address) from error

    @abstractmethod
    def within(self, name: str) -> "Place":
        """The place of this run inside this one. Raises: InvalidInput, for what can be no run's id."""

    @abstractmethod
    def address(self, name: str) -> str:
        """Address of a file, for people and for events."""

    @abstractmethod
    def open(self) -> None:
        """Make it, and clear away what a killed process left half-written."""

    @abstractmethod
    def names(self) -> list[str]:
        """Names of the whole files, in no order; none when there is no such place."""

    @abstractmethod
    def mark(self, name: str) -> None:
        """Make an empty file that is safe when this returns."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Forget a file that may be gone already."""

    @contextmanager
    @abstractmethod
    def bench(self, stem: str) -> Iterator[Path]:
        """A path to write a file to before it is delivered; cleared away afterward."""

    @abstractmethod
    def deliver(self, part: Path, name: str) -> None:
        """Give what was written at the bench its name, at once and safely."""

    @contextmanager
    @abstractmethod
    def fetched(self, name: str) -> Iterator[Path]:
        """A path of this machine to read the file from. Raises: FileNotFoundError."""


class Folder(Place):
    """A folder: a file is flushed to the disk under a temporary name and then renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @override
    def within(self, name: str) -> "Folder":
        return Folder(self.path / run_id(name))

    @override
    def address(self, name: str) -> str:
        return str(self.path / name)

    @override
    def open(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        for torn in self.path.glob("*.part"):
            torn.unlink(missing_ok=True)

    @override
    def names(self) -> list[str]:
        return [entry.name for entry in self.path.glob("*") if entry.suffix != ".part"]

    @override
    def mark(self, name: str) -> None:
        (self.path / name).touch()
        self._sync()

    @override
    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    @contextmanager
    @override
    def bench(self, stem: str) -> Iterator[Path]:
        part = self.path / f"{stem}.part"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    @override
    def deliver(self, part: Path, name: str) -> None:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(self.path / name)
        self._sync()

    @contextmanager
    @override
    def fetched(self, name: str) -> Iterator[Path]:
        yield self.path / name

    def _sync(self) -> None:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Remote(Place):
    """Anything else: a file is made on this machine, carried over under a temporary name, then renamed.

    Object stores show an object only when it is whole; on the others the rename does that.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._files, self._root = fsspec.core.url_to_fs(url)

    @override
    def within(self, name: str) -> "Remote":
        return Remote(f"{self._url}/{run_id(name)}")

    @override
    def address(self, name: str) -> str:
        return f"{self._url}/{name}"

    @override
    def open(self) -> None:
        self._files.makedirs(self._root, exist_ok=True)
        for name in self._names():
            if name.endswith(".part"):
                self.remove(name)

    @override
    def names(self) -> list[str]:
        return [name for name in self._names() if not name.endswith(".part")]

    @override
    def mark(self, name: str) -> None:
        self._files.pipe_file(f"{self._root}/{name}", b"")

    @override
    def remove(self, name: str) -> None:
        if self._files.exists(f"{self._root}/{name}"):
            self._files.rm_file(f"{self._root}/{name}")

    @contextmanager
    @override
    def bench(self, stem: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="rhoscope-") as folder:
            yield Path(folder) / stem

    @override
    def deliver(self, part: Path, name: str) -> None:
        torn = f"{self._root}/{name}.part"
        self._files.put_file(str(part), torn)
        self._files.mv(torn, f"{self._root}/{name}")

    @contextmanager
    @override
    def fetched(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="rhoscope-") as folder:
            there = Path(folder) / name
            self._files.get_file(f"{self._root}/{name}", str(there))
            yield there

    def _names(self) -> list[str]:
        self._files.invalidate_cache()
        try:
            return [str(path).rpartition("/")[2] for path in self._files.ls(self._root, detail=False)]
        except FileNotFoundError:
            return []
