"""A prepared folder: shards that training maps into memory, a plan they follow, a manifest of what is there.

plan.json                 what is prepared, from what, in which shards; the first thing written
shard-00000.audio.npy     float16 or float32 [n, *shape of the sound]
shard-00000.pictures.npy  uint8 [bytes]: JPEGs, one after the other
shard-00000.json          what is in the two; written last, so that a shard is there whole or not at all
manifest.json             counts, hashes, versions and everything left out; written when all are there
"""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from rhoscope.errors import Conflict, Corrupt, NotFound

FORMAT = 1
PLAN, MANIFEST = "plan.json", "manifest.json"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Note(_Written):
    """A remark on one clip: why it was skipped, or what is odd about it."""

    clip: str
    reason: str


class Kept(_Written):
    """A clip of a shard: its row in the sound's array, and the lengths of its JPEGs in bytes."""

    id: str
    label: str
    group: str
    split: str
    pictures: tuple[int, ...]


class Shard(_Written):
    """Contents of one shard; `sha256` by file name."""

    clips: tuple[Kept, ...]
    skipped: tuple[Note, ...]
    noted: tuple[Note, ...]
    sha256: dict[str, str]


class Plan(_Written):
    """The parameters of a preparation: the same plan again resumes it, a different one is refused."""

    format: int = FORMAT
    dataset: str
    rhoscope: str
    classes: tuple[str, ...]
    sound: dict[str, Any]
    shape: tuple[int, ...]
    dtype: str
    pictures: int
    clips: int
    shard: int
    shards: int
    listing_sha256: str


class Manifest(_Written):
    """Contents of a prepared folder, and the clips it lacks, with reasons."""

    plan: Plan
    versions: dict[str, str]
    clips: int
    by_class: dict[str, int]
    by_split: dict[str, int]
    skipped: tuple[Note, ...]
    noted: tuple[Note, ...]
    sha256: dict[str, str]
    """Of every file of every shard, by name."""

    listed: dict[str, int] = {}
    """Clips that the source's official lists name, by split; empty without lists and in older folders."""

    unlisted: tuple[str, ...] = ()
    """Recordings that were not prepared since no list names them."""

    source_remarks: tuple[str, ...] = ()
    """Peculiarities of the source that was prepared, one sentence each."""


def stem(number: int) -> str:
    """Name of a shard's files, without their endings."""
    return f"shard-{number:05d}"


def write_shard(
    folder: Path, number: int, sounds: NDArray[Any], pictures: Sequence[bytes], about: dict[str, Any]
) -> None:
    """Write a shard's arrays, then what is in them; `about` are the fields of `Shard` but its hashes."""
    blob = np.frombuffer(b"".join(pictures), np.uint8)
    hashes = {}
    for ending, array in (("audio", sounds), ("pictures", blob)):
        name = f"{stem(number)}.{ending}.npy"
        held = io.BytesIO()
        np.save(held, array, allow_pickle=False)
        hashes[name] = put(folder / name, held.getvalue())
    shard = Shard.model_validate({**about, "sha256": hashes})
    put(folder / f"{stem(number)}.json", shard.model_dump_json().encode())


def put(path: Path, content: bytes) -> str:
    """Write a file whole or not at all; the SHA-256 of what it holds."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return hashlib.sha256(content).hexdigest()


def read_shard(folder: Path, number: int) -> Shard | None:
    """The contents of a shard, or None while it is incomplete."""
    path = folder / f"{stem(number)}.json"
    return Shard.model_validate_json(path.read_bytes()) if path.is_file() else None


def read_plan(folder: Path) -> Plan | None:
    """The plan of a folder, or None. Raises: Corrupt, when it is not what we write."""
    path = folder / PLAN
    return _read(Plan, path) if path.is_file() else None


def read_manifest(folder: Path) -> Manifest:
    """Raises: NotFound, when the folder is not prepared; Corrupt, when it is not what we write."""
    path = folder / MANIFEST
    if not path.is_file():
        begun = "was begun and not finished: run the same rhoscope prepare again" if read_plan(folder) else ""
        raise NotFound(f"{folder} {begun or 'holds no prepared data set: it has no manifest.json'}.")
    manifest: Manifest = _read(Manifest, path)
    return manifest


def check(folder: Path) -> Manifest:
    """Read every file again and compare.

    Raises:
        NotFound: when the folder is not prepared.
        Corrupt: names the first file that is missing or not what was written.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest.sha256.items():
        path = folder / name
        if not path.is_file():
            raise Corrupt(f"{name} is missing in {folder}; {_again(name)}")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != expected:
            raise Corrupt(f"{name} in {folder} is not what was written; {_again(name)}")
    return manifest


def _again(name: str) -> str:
    number = name.split(".", maxsplit=1)[0]
    return f"delete {number}.* and manifest.json and run the same rhoscope prepare again."


def _read(model: type[Any], path: Path) -> Any:
    try:
        data = json.loads(path.read_bytes())
        if data.get("plan", data).get("format", FORMAT) != FORMAT:
            raise Conflict(f"{path} has another format than {FORMAT}; prepare it again.")
        return model.model_validate(data)
    except (ValueError, AttributeError) as error:
        raise Corrupt(f"{path} is not what rhoscope wrote ({type(error).__name__}).") from error
