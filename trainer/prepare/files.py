"""Opening one file of somebody's data. Whatever is wrong with it is one sentence."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

MOST_PIXELS = 100_000_000
"""Of a picture that is read: what is larger needs more memory than one example is worth."""
POINTER = 1024
"""Bytes that a file in place of another one has at most."""
POINTERS = (
    (rb"version https://git-lfs", "a Git LFS pointer and not the file itself; run git lfs pull"),
    (rb"[./]*/annex/objects/", "a git-annex pointer and not the file itself; run git annex get"),
)
"""What begins files that stand for others, and what is said of them."""
PAGES = ((rb"(?i)\s*<(!doctype html|html)\b", "a web page and not the file itself; download it again"),)
"""The same of what a server sends in place of a picture or a recording that it has not."""


class Unreadable(Exception):
    """A file can't be used; says why."""


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Make whatever a decoder has against a file one sentence. Raises: Unreadable."""
    try:
        _check_there(path)
        yield
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(f"more than {MOST_PIXELS // 10**6} megapixels") from error
    except Exception as error:
        raise Unreadable(stand_in(path) or f"can't be decoded: {reason(error)}") from error


def stand_in(path: Path, known: Sequence[tuple[bytes, str]] = (*POINTERS, *PAGES)) -> str:
    """The kind of a file that only stands for another one; empty where it is the file itself."""
    try:
        with path.open("rb") as file:
            begins = file.read(POINTER)
    except OSError:
        return ""
    return next((said for pattern, said in known if re.match(pattern, begins)), "")


def _check_there(path: Path) -> None:
    if path.is_file():
        return
    if path.is_symlink() and not path.exists():
        raise Unreadable("a link that leads nowhere, so there is no such file")
    raise Unreadable("no regular file" if path.exists() else "no such file")


def reason(error: Exception) -> str:
    """The message of a library's error, on one line and without the file's name."""
    said = getattr(error, "strerror", None) or str(error)
    return re.sub(r" *'[^']*/[^']*'", "", said.splitlines()[0].strip(" .")) if said else type(error).__name__
