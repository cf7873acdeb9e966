"""Source files of a data set: the clips its lists name, whether or not they exist."""

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rhoscope.errors import InvalidInput
from trainer.prepare.files import Unreadable
from trainer.prepare.names import as_text, few, hidden, same
from trainer.prepare.texts import read_text

MEDIA = (
    *(
        ".mp4",
        ".mkv",
        ".webm",
        ".avi",
        ".flv",
        ".mov",
        ".m4v",
        ".mpg",
        ".mpeg",
        ".wmv",
        ".ts",
        ".3gp",
        ".ogv",
    ),
    *(".f4v", ".mts", ".m2ts", ".divx"),
)
"""Endings of videos."""
TITLES = {
    "clip",
    "name",
    "filename",
    "file",
    "id",
    "label",
    "class",
    "category",
    "emotion",
    "split",
    "traintestsplit",
}
TITLES |= {"video", "videoid", "youtubeid", "start", "end", "startseconds", "starttime", "endtime", "quality"}
"""What columns are called, in letters only, where a list that has no header as published has one."""


@dataclass(frozen=True)
class Clip:
    """One example: its class, its files below the source, the seconds of them that count.

    `group` is who or what it was taken from (a speaker, a video): what must not be on two sides of an honest
    split. `split` is where the source's own lists put it; empty without such a list.
    """

    id: str
    label: str
    audio: str
    video: str
    group: str = ""
    split: str = ""
    start: float = 0.0
    end: float = math.inf
    expected_rate: int = 0  # Hz of the audio, where the source promises one
    expected_seconds: float = 0.0  # of the audio, where the source's clips last equally long
    lacks: str = ""  # the names of a recording that were looked for, and what is there, where there is none


@dataclass(frozen=True)
class Listing:
    """All clips a source should have, and its classes in the order of their ids.

    `unlisted` are recordings that are no clips of it, since no list names them. `remarks` are what must be
    known of the source, one sentence each.
    """

    clips: tuple[Clip, ...]
    classes: tuple[str, ...]
    unlisted: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


SAYS_DELIMITER = re.compile(r"sep=([^\r\n])\r?(?:\n|$)", re.IGNORECASE)
"""The first line of a list that spreadsheets write and read the mark between its columns by."""
COMPARED = 20
"""Lines by which that mark is found where the list does not say it."""
QUOTES = ("''", "\u2018\u2019", "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb", "``")
Cells = tuple[list[str], int]
"""The cells of one line, and its number."""


def rows(path: Path, names: tuple[str, ...] = (), delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Rows of a table by column; `names` where the file has no header. Blank lines and comments are no rows.

    Raises:
        InvalidInput: when it is not there, is no text, or has rows of another length.
    """
    filled = lines(path, delimiter)
    header = names or tuple(next(filled, ([], 0))[0])
    for row, number in filled:
        if names and is_header(row):
            continue
        while len(row) > len(header) and not row[-1]:
            row.pop()  # a spreadsheet saves the columns that were once used
        if len(row) != len(header):
            raise InvalidInput(
                f"{path.name}, line {number}: {len(row)} columns where {len(header)} were expected "
                f"({', '.join(header)})."
            )
        yield dict(zip(header, row, strict=True))


def is_header(row: Iterable[str]) -> bool:
    """Whether that row names columns."""
    return all(_letters(cell) in TITLES for cell in row)


def lines(path: Path, delimiter: str = ",") -> Iterator[Cells]:
    """The lines of a list that hold something, in one Unicode form, whatever wrote it.

    Raises:
        InvalidInput: when it is not there, or is no text.
    """
    text = _text(path)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, delimiter))
        for row in reader:
            cells = _unquoted([same(cell) for cell in row])
            said = reader.line_num == 1 and SAYS_DELIMITER.match(text)
            if any(cells) and not said and not cells[0].startswith("#"):
                yield cells, reader.line_num
    except csv.Error as error:
        raise InvalidInput(
            f"The list {path} can't be read ({error}); give the one its owners publish."
        ) from None


def _text(path: Path) -> str:
    """A list as text. Raises: InvalidInput, when it is not there, or no text."""
    if not path.exists():
        raise InvalidInput(f"The list {path} is not there; the data set's owners publish it.")
    try:
        return read_text(path)[0].rstrip("\x1a")
    except Unreadable as error:
        raise InvalidInput(
            f"The list {path} can't be read: it is {error}; give the one its owners publish."
        ) from None


def _delimiter(text: str, usual: str) -> str:
    """The mark between columns: what the list says, or else what parts the first lines into the most columns.

    Another mark than the usual one must part each of them into as many.
    """
    if said := SAYS_DELIMITER.match(text):
        return said[1]
    first = [line for line in text.splitlines() if line.strip() and not line.startswith("#")][:COMPARED]
    best, most = usual, max((_columns(first, usual)), default=1)
    for mark in (";", "\t", "|"):
        columns = _columns(first, mark)
        if len(columns) == 1 and most < min(columns):
            best, most = mark, min(columns)
    return best


def _columns(lines: Iterable[str], mark: str) -> set[int]:
    """How many columns the lines have between these marks, without empty ones at their ends."""
    rows = ("\0".join(map(str.strip, row)).rstrip("\0") for row in csv.reader(lines, delimiter=mark))
    return {row.count("\0") + 1 for row in rows if row}


def _unquoted(cells: list[str]) -> list[str]:
    """The cells without the quotation marks that are around each of them and no mark of such lists."""
    filled = [cell for cell in cells if cell]
    for first, last in map(tuple, QUOTES):
        if filled and all(len(c) > 1 and c[0] == first and c[-1] == last for c in filled):
            return [same(cell[1:-1]) for cell in cells]
    return cells


def _letters(cell: str) -> str:
    return "".join(letter for letter in cell.casefold() if letter.isalpha())


def folder(source: Path, *names: str) -> Path:
    """A folder that must be in the source, whatever its capitals.

    Raises:
        InvalidInput: when it is not there.
    """
    folds = [name.casefold() for name in names]
    there = [path for path in sorted(source.iterdir()) if path.is_dir() and not hidden(path.name)]
    for path in there:
        if path.name.casefold() in folds:
            return path
    raise InvalidInput(
        f"There is no folder {' or '.join(names)} in {source}, which holds "
        f"{few(as_text(path.name) for path in there) or 'no folder'}; --source is the folder the data set "
        f"came in."
    )


def readable(name: str) -> str:
    r"""A file's name as text that can be written, with a mark for each byte that is none.

    >>> readable("caf\udce9.mp4")
    'caf�.mp4'
    """
    return name.encode(errors="surrogateescape").decode(errors="replace")


def place(text: str) -> float:
    """A number from 0 to 1 that depends on nothing but the text: who sits where does not depend on who came.

    >>> 0 <= place("1001_DFA_ANG_XX") < 1
    True
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def shares(key: str, parts: Mapping[str, float]) -> str:
    """The part that a key falls in, parts being shares that add up to 1.

    >>> shares("a", {"train": 1.0})
    'train'
    """
    at, reached = place(key), 0.0
    for name, share in parts.items():
        reached += share
        if at < reached:
            return name
    return name


def ranked(keys: Iterable[str], parts: Mapping[str, float]) -> dict[str, str]:
    """Parts of exactly these shares of the keys, by rank: for few keys, such as speakers.

    >>> sorted(ranked("abcd", {"train": 0.75, "test": 0.25}).values())
    ['test', 'train', 'train', 'train']
    """
    order = sorted(set(keys), key=place)
    splits: dict[str, str] = {}
    begun, reached = 0, 0.0
    for name, share in parts.items():
        reached += share
        upto = round(reached * len(order))
        splits |= dict.fromkeys(order[begun:upto], name)
        begun = upto
    return splits
