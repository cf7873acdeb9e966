"""Pictures, sounds, texts, and tables of a run: which there can be, and what their bytes must look like.

Whatever comes from a program is content that a browser shows to others, so only types are taken that hold no
program: no SVG, no HTML. What a file is says its beginning, never its name or its sender.
"""

import base64
import binascii
import hashlib
import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from rhoscope.errors import InvalidInput

LARGEST = 2**20 - 1024
"""Bytes of one item: what a request may have."""
MOST_PIXELS = 64 * 2**20
MOST_CELLS = 100_000
Kind = Literal["image", "sound", "text", "table"]
TEXT, TABLE = "text/plain; charset=utf-8", "application/json"
_BEGINNINGS = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n.{4}IHDR", re.DOTALL)),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("audio/wav", re.compile(rb"RIFF.{4}WAVE", re.DOTALL)),
    ("audio/ogg", re.compile(rb"OggS")),
    ("audio/flac", re.compile(rb"fLaC")),
    ("audio/mpeg", re.compile(rb"ID3|\xff[\xfb\xf3\xf2]")),
)
TYPES = (*(name for name, _ in _BEGINNINGS), TEXT, TABLE)
"""Every content type that an item can have."""
_KINDS = {"image": "image", "audio": "sound"}


class Cells(BaseModel):
    """A table: names of columns, and rows with as many cells."""

    model_config = ConfigDict(extra="forbid")

    columns: list[str] = Field(max_length=1000)
    rows: list[list[JsonValue]] = Field(max_length=MOST_CELLS)


class Item(BaseModel):
    """One item at a step of a run, as its event carries it; `digest` is the SHA-256 of its bytes."""

    name: str = Field(min_length=1, max_length=200)
    kind: Kind
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    caption: str = Field(default="", max_length=1000)


class Enclosing(Item):
    """An item as its event carries it where no request can bring its bytes: they are in it, as base64.

    The store keeps them apart, once a run.
    """

    content: str = Field(default="", max_length=LARGEST * 4 // 3 + 4)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.content:
            opened(self.content, self.digest, self.kind)
        return self


class Shown(Item):
    """An item, and where in its run it belongs."""

    step: int
    attempt: int


class Gallery(BaseModel):
    """The newest items of a run, by step."""

    items: list[Shown]


def enclosed(data: bytes) -> str:
    """Bytes as they travel in an event."""
    return base64.b64encode(data).decode()


def opened(content: str, digest: str, kind: Kind) -> tuple[str, bytes]:
    """Type and bytes of what an event carries. Raises: ValueError, when it is not what it is said to be."""
    try:
        data = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError("its content is not base64") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("its digest is not the SHA-256 of its content")
    try:
        return type_of(data, kind), data
    except InvalidInput as error:
        raise ValueError(error.detail) from error


def type_of(data: bytes, kind: Kind) -> str:
    """The content type of an item.

    Raises:
        InvalidInput: when these bytes are no such item, or too many.
    """
    if not data or len(data) > LARGEST:
        raise InvalidInput.field("body", f"expected 1 to {LARGEST:,} bytes, not {len(data):,}", "")
    if kind == "text":
        return _text(data)
    if kind == "table":
        return _table(data)
    for form, beginning in _BEGINNINGS:
        if beginning.match(data) and _KINDS[form.partition("/")[0]] == kind:
            _check_size(form, data)
            return form
    expected = "a PNG, JPEG, GIF or WebP" if kind == "image" else "a WAV, Ogg, FLAC or MP3"
    raise InvalidInput.field("body", f"expected {expected} file", "")


def _text(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput.field("body", "expected a text in UTF-8", "") from error
    return TEXT


def _table(data: bytes) -> str:
    try:
        cells = Cells.model_validate_json(data)
    except ValidationError as error:
        message = f"expected a table with columns and rows; {error.errors()[0]['msg']}"
        raise InvalidInput.field("body", message, "") from error
    width = len(cells.columns)
    if any(len(row) != width for row in cells.rows) or width * len(cells.rows) > MOST_CELLS:
        message = f"expected rows with {width} cells each, and at most {MOST_CELLS:,} cells"
        raise InvalidInput.field("body", message, "")
    return TABLE


def _check_size(form: str, data: bytes) -> None:
    """A small file may unfold to a huge picture: of those that say so at their beginning, none is taken."""
    places = {"image/png": (16, 20, 4, "big"), "image/gif": (6, 8, 2, "little")}
    if form not in places:
        return
    across, down, size, order = places[form]
    width, height = (
        int.from_bytes(data[at : at + size], "big" if order == "big" else "little") for at in (across, down)
    )
    if width * height > MOST_PIXELS:
        message = f"expected at most {MOST_PIXELS:,} pixels, not {width} x {height}"
        raise InvalidInput.field("body", message, "")
