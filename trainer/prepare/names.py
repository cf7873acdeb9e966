"""Names of files and folders: what they are compared by, and which of them are no data.

Unicode writes an é in two ways, systems take capitals for small letters or not, and programs leave files
behind. Names are compared in one form, and said as they are on disk.
"""

import os
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
        "recycled",
        "recycle.bin",
        "@recycle",
        "@recently-snapshot",
        "@transcode",
        "@tmp",
        "#snapshot",
        "~snapshot",
        "network trash folder",
        "temporary items",
        "_gsdata_",
        "lost+found",
        "system volume information",
        "found.000",
        "lost.dir",
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "icon\r",
    }
)
"""Folders and files that systems and programs leave behind, in small letters; what begins with a dot, too."""
UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
UNSEEN += "\u202a\u202b\u202c\u202d\u202e"
"""Letters that nobody sees, such as marks of direction, which copying leaves around names."""
NAMED = 3
"""Names given of those that share a reason."""


def same(name: str) -> str:
    """A name in the form that names are compared in: NFC, with neither spaces nor unseen letters around it.

    >>> same("\ufeffcafe\u0301 ") == same("caf\u00e9\u200b")
    True
    """
    plain = unicodedata.normalize("NFC", name).strip()
    while plain and (plain[0] in UNSEEN or plain[-1] in UNSEEN):
        plain = plain.strip(UNSEEN).strip()
    return plain


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
    return name.startswith((".", "~$")) or not SYSTEM.isdisjoint({name.casefold(), same(name).casefold()})


def leads_nowhere(entry: os.DirEntry[str]) -> bool:
    """Whether that is a link to nothing, in a circle, or to where nobody may look."""
    try:
        entry.stat()
    except OSError:
        return entry.is_symlink()
    return False


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether that is a folder, or a link to one; a link that leads nowhere, or in a circle, is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


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
