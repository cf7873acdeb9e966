r"""W&B's files of runs, online and offline: `run-ID.wandb` in a folder of the run's own.

The file is a log of 32 KiB blocks as LevelDB writes it, behind the bytes `:W&B`, a number and a version. Each
record is a message of Protocol Buffers, of which the few fields that matter are read here, since W&B's
own reader is a program in Go, and installing W&B takes 62 MB.
"""

import json
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rhoscope.errors import InvalidInput
from rhoscope.tracker.archives import Archive, Table, files

MAGIC = b":W&B"
_BLOCK = 32 * 1024
_HEAD = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_HISTORY, _CONFIG, _RUN, _EXIT = 2, 5, 17, 18  # fields of a record
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
Fields = dict[int, list[Any]]


def sources(path: Path) -> list[Path]:
    """Files of this name."""
    return files(path, "*.wandb")


def read(source: Path) -> Archive:
    """Settings, tags, and history; of a torn file everything before the tear.

    Raises:
        InvalidInput: when it is no file of W&B, or holds no run.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source} can't be read ({error.strerror}).") from error
    if not data.startswith(MAGIC):
        raise InvalidInput(f"{source} is no run of W&B: it does not begin with {MAGIC.decode()}.")
    run = _Run(f"wandb {source.parent.name} {source.name}", source.stem.removeprefix("run-"))
    try:
        for record, place in _records(data):
            run.take(_fields(record))
            run.place = place
    except (ValueError, IndexError, struct.error, AttributeError, TypeError):
        run.archive.fault = f"{source} is torn: it reads up to byte {run.place:,} of {len(data):,}."
    if run.archive.fault and not run.archive.table.rows:
        raise InvalidInput(run.archive.fault)
    return run.archive


class _Run:
    def __init__(self, key: str, name: str) -> None:
        self.archive = Archive(key, name, Table())
        self.place = len(MAGIC) + 3

    def take(self, record: Fields) -> None:
        """One record: those that hold no value of the run are left out."""
        for update in record.get(_RUN, ()):
            self._about(_fields(update))
        for update in record.get(_CONFIG, ()):
            self._settings(_fields(update))
        for row in record.get(_HISTORY, ()):
            self._row(_fields(row))
        for ended in record.get(_EXIT, ()):
            self.archive.state = "failed" if _fields(ended).get(1, [0])[0] else "completed"

    def _about(self, run: Fields) -> None:
        self.archive.project = _text(run, 3) or self.archive.project
        self.archive.name = _text(run, 8) or _text(run, 1) or self.archive.name
        self.archive.notes = _text(run, 9) or self.archive.notes
        self.archive.tags = [tag.decode() for tag in run.get(10, ())] or self.archive.tags
        for settings in run.get(4, ()):
            self._settings(_fields(settings))

    def _settings(self, config: Fields) -> None:
        for item in map(_fields, config.get(1, ())):
            name, value = _name(item), _json(item.get(16, [b"null"])[0])
            if name and not name.startswith("_"):
                self.archive.config[name] = value

    def _row(self, history: Fields) -> None:
        items = {_name(item): _value(item) for item in map(_fields, history.get(1, ()))}
        steps = [_fields(step).get(1, [0])[0] for step in history.get(2, ())]
        step = steps[0] if steps else items.get("_step")
        if isinstance(step, int | float):
            when = items.get("_timestamp")
            for name, value in items.items():
                if isinstance(value, int | float) and name and not name.startswith("_"):
                    self.archive.table.add(step, when if isinstance(when, int | float) else 0.0, name, value)


def _records(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Records, each with the place behind it. Raises: ValueError, struct.error, where it is torn."""
    place, parts = len(MAGIC) + 3, b""
    while place < len(data):
        if _BLOCK - place % _BLOCK < _HEAD.size:  # the rest of a block is empty
            place += _BLOCK - place % _BLOCK
            continue
        checksum, length, kind = _HEAD.unpack_from(data, place)
        if (checksum, length, kind) == (0, 0, 0):
            place += _BLOCK - place % _BLOCK
            continue
        body = data[place + _HEAD.size : place + _HEAD.size + length]
        if len(body) < length or zlib.crc32(body, zlib.crc32(bytes([kind]))) != checksum:
            raise ValueError("torn")
        place += _HEAD.size + length
        parts = body if kind in (_FULL, _FIRST) else parts + body
        if kind in (_FULL, _LAST):
            yield parts, place


def _fields(message: bytes) -> Fields:
    """A message's fields by number: integers, doubles, and bytes. Raises: ValueError, when it is none."""
    fields: Fields = {}
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(message, place)
        elif kind == 1:
            value, place = struct.unpack_from("<d", message, place)[0], place + 8
        elif kind == 2:
            length, place = _varint(message, place)
            value, place = message[place : place + length], place + length
        elif kind == 5:
            value, place = struct.unpack_from("<f", message, place)[0], place + 4
        else:
            raise ValueError(f"a field of kind {kind}")
        fields.setdefault(number, []).append(value)
    return fields


def _varint(message: bytes, place: int) -> tuple[Any, int]:
    value = shift = 0
    while shift < 70:
        byte = message[place]
        value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            return value, place
    raise ValueError("an integer of more than 64 bits")


def _text(message: Fields, number: int) -> str:
    text: bytes = message.get(number, [b""])[-1]
    return text.decode(errors="replace")


def _name(item: Fields) -> str:
    """Of an item: its key, or the keys that lead to it."""
    return _text(item, 1) or ".".join(key.decode(errors="replace") for key in item.get(2, ()))


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.decode(errors="replace")


def _value(item: Fields) -> Any:
    """An item's value: older files have it as JSON, newer ones in a field for each type."""
    if 16 in item:
        value = _json(item[16][0])
        return _WORDS.get(value, value) if isinstance(value, str) else value
    if 5 in item:
        return (item[5][0] >> 1) ^ -(item[5][0] & 1)  # zigzag
    if 7 in item:
        return _WORDS.get(_text(item, 7))
    return next((item[number][0] for number in (6, 4) if number in item), None)
