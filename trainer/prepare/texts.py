"""Texts in any recognizable encoding, and their words in any script."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import numpy as np
import regex
from numpy.typing import NDArray

from trainer.prepare.encodings import EVIDENCE, decoded, legacy_of, marked, unicode_of
from trainer.prepare.files import POINTERS, Unreadable, decoding, stand_in

MOST_TEXT = 16 * 2**20
"""Bytes of a text that is read."""
WORDS = 512
ALONE = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\u30fc\uff70\p{New_Tai_Lue}\p{Tai_Le}\p{Tai_Tham}\p{Tai_Viet}\p{Javanese}\p{Balinese}\p{Nushu}\p{Tangut}"
    r"\p{Egyptian_Hieroglyphs}\p{Cuneiform}"
)
"""Scripts without spaces between words."""
TOKEN = regex.compile(
    rf"(?V1w)\p{{Regional_Indicator}}{{2}}|[{ALONE}]\p{{M}}*|\b[^{ALONE}]+?\b", regex.VERSION1
)
"""Flags come first: to look for a boundary among many, all before it are counted."""
PILED = regex.compile(r"(\p{M}{30})\p{M}+")
"""Marks on one letter beyond those that Unicode's stream-safe form allows: to order them takes long."""
UNSEEN = {ord(c): "'" if c == "\u2019" else "" for c in "\u2019\u00ad\u200c\u200e\u200f\u2060\ufeff"}
UNSEEN |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
"""Letters that nobody sees, such as marks of direction; and an apostrophe is the same in both its forms."""


def read_text(path: Path, encoding: str = "") -> tuple[str, str]:
    """A text of at most `MOST_TEXT` bytes, and its encoding; `encoding` is that of its neighbors.

    Raises:
        Unreadable: when it is longer, no text, or in an encoding that can't be recognized.
    """
    with decoding(path):
        content = _content(path)
        if said := stand_in(path, POINTERS):
            raise Unreadable(said)
        if (mark := marked(content)) and decoded(content, mark) is None:
            raise Unreadable(f"a text that is not the {mark.upper()} that its first bytes promise")
        for name in (unicode_of(content), encoding, legacy_of([content])):
            if name and (text := decoded(content, name)) is not None:
                return text, name
        raise Unreadable("no text, or one in an encoding that can't be recognized; save it as UTF-8")


def shared_encoding(paths: Iterable[Path]) -> str:
    """The encoding from before Unicode of the texts that are not Unicode; empty where all are.

    Recognized by all of them together, since a single caption is too short for it.
    """
    contents, size = dict[bytes, None](), 0
    for path in paths:
        try:
            content = _content(path)
        except (OSError, Unreadable):
            continue  # whoever reads it says so
        if not unicode_of(content) and content not in contents:
            contents[content] = None
            size += len(content)
        if size > EVIDENCE:
            break
    return legacy_of(contents)


def _content(path: Path) -> bytes:
    if path.is_file() and path.stat().st_size > MOST_TEXT:
        raise Unreadable(f"a text of more than {MOST_TEXT // 2**20} MiB")
    return path.read_bytes() if path.is_file() else b""


def tokens(text: str) -> list[str]:
    """The words of a text, by Unicode's word boundaries; of scripts without spaces the characters.

    Compared in one form, without capitals; punctuation is none.

    >>> tokens("The cat's H\u00dcTTE, 3.14")
    ['the', "cat's", 'h\u00fctte', '3.14']
    >>> tokens("\u732b\u304c\u9cf4\u304f cat")
    ['\u732b', '\u304c', '\u9cf4', '\u304f', 'cat']
    """
    seen = PILED.sub(r"\1", text.translate(UNSEEN))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return [word for word in TOKEN.findall(plain) if any(_counts(letter) for letter in word)]


def _counts(letter: str) -> bool:
    """Whether that makes a token: a letter, a number, or a symbol such as an emoji."""
    return unicodedata.category(letter)[0] in "LN" or unicodedata.category(letter) == "So"


def words(text: str) -> NDArray[np.float32]:
    """How often each token comes, log(1 + n), in 512 places that a hash gives them.

    >>> int((words("the cat and the hat") > 0).sum())
    4
    """
    counts = np.zeros(WORDS, np.float32)
    for word in tokens(text):
        counts[crc32(word.encode()) % WORDS] += 1
    return np.log1p(counts)
