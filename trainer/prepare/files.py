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
ISO = rb".{4}ftyp"
PAGES = (
    (
        rb"(?i)(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)?<(!doctype html|html)\b",
        "a web page and not the file itself; download it again",
    ),
    (rb"(\xef\xbb\xbf)?\s*<\?xml.*<Error>", "a server's error and not the file itself; download it again"),
    (rb"\s*\{\s*\"(error|message|code)", "a server's error and not the file itself; download it again"),
    (rb"%PDF-", "a PDF document, which is not read"),
    (rb"(?i)(\xef\xbb\xbf)?\s*(<\?xml.*)?<svg\b", "a drawing (SVG), which is not read; save it as PNG"),
    (ISO + rb"(heic|heix|heim|heis|mif1)", "a picture in HEIC, which is not read; save it as JPEG"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a picture in JPEG XL, which is not read; save it as JPEG"),
    (rb"RIFX", "a recording whose numbers are stored the other way around (RIFX); save it as WAV"),
)
"""The same of what a server sends in place of a file, and of files of a kind that is not read."""


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
        if path.stat().st_size == 0:
            raise Unreadable("file of zero length") from error
        raise Unreadable(stand_in(path) or f"can't be decoded: {reason(error)}") from error


def stand_in(path: Path, known: Sequence[tuple[bytes, str]] = (*POINTERS, *PAGES)) -> str:
    """The kind of a file that only stands for another one; empty where it is the file itself."""
    try:
        with path.open("rb") as file:
            begins = file.read(POINTER)
    except OSError:
        return ""
    return next((said for pattern, said in known if re.match(pattern, begins, re.DOTALL)), "")


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
