"""Names of files and folders: what they are compared by, and which of them are no data.

Unicode writes an é in two ways, systems take capitals for small letters or not, and programs leave files
behind. Names are compared in one form, and said as they are on disk.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

SYSTEM = frozenset(
    {
        "__macosx",
        "__pycache__",
        "@eadir",
        "#recycle",
        "$recycle.bin",
        "recycler",
        "lost+found",
        "system volume information",
        "found.000",
        "lost.dir",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
    }
)
"""Folders and files that systems and programs leave behind, in small letters; what begins with a dot, too."""
NAMED = 3
"""Names given of those that share a reason."""


def same(name: str) -> str:
    """A name in the one form that names are compared in: NFC, without spaces around it.

    >>> same("cafe\u0301 ") == same("caf\u00e9")
    True
    """
    return unicodedata.normalize("NFC", name).strip()


def stem(name: str) -> str:
    """The name without its ending, as `same`: files of one example share it.

    >>> stem("e0 .wav")
    'e0'
    """
    return same(PurePath(name.strip()).stem)


def ending(name: str) -> str:
    """A file's ending in small letters, without the spaces and the invisible letters that slip into it.

    >>> ending("E0.JPG "), ending("e0. wav"), ending("README")
    ('.jpg', '.wav', '')
    """
    suffix = PurePath(name.strip()).suffix
    visible = (c for c in suffix if not (c.isspace() or unicodedata.category(c) == "Cf"))
    return unicodedata.normalize("NFC", "".join(visible)).casefold()


def forgiven(name: str) -> bool:
    """Whether a file's ending is only read because capitals or spaces in it are forgiven."""
    return not name.endswith(ending(name)) or name != name.strip()


def hidden(name: str) -> bool:
    """Whether that is a hidden file or folder, or one that a system or a program left behind.

    >>> hidden(".git"), hidden("Thumbs.db"), hidden("$RECYCLE.BIN"), hidden("cat")
    (True, True, True, False)
    """
    return name.startswith((".", "~$")) or name.casefold() in SYSTEM


def as_text(name: str) -> str:
    r"""A name as text; bytes that are none are written out, so that two names stay two.

    >>> as_text("caf\udce9")
    'caf\\xe9'
    """
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def is_text(name: str) -> bool:
    """Whether a name has no bytes that are no text."""
    return as_text(name) == name


def few(names: Iterable[str]) -> str:
    """The first names of a list, and that there are more.

    >>> few("abcde")
    'a, b, c, ...'
    """
    listed = list(names)
    return ", ".join([*listed[:NAMED], *(["..."] if len(listed) > NAMED else [])])
