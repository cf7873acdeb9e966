"""Texts in any recognizable encoding, and their words in any script."""

import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from zlib import crc32

import charset_normalizer
import numpy as np
import regex
from numpy.typing import NDArray

from trainer.prepare.files import POINTERS, Unreadable, decoding, stand_in

MOST_TEXT = 16 * 2**20
"""Bytes of a text that is read."""
EVIDENCE = 64 * 1024
"""Bytes of texts, together, that an encoding is recognized by."""
WORDS = 512
MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""Byte-order marks; the longer ones first, since they begin as a shorter one does."""
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
LEGACY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_15", "cp866"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp949"),
)
"""Encodings from before Unicode that texts are found in."""
USUAL = "cp1252"
"""The one that is taken where there are too few bytes to tell: what the web takes."""
FEW = 6
"""Bytes beyond ASCII from which on an encoding can be recognized."""
KANA = 0.3
"""Share of Japanese letters that are kana, at least; Chinese taken for Japanese has hardly any."""
ALONE = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\u30fc\uff70\p{New_Tai_Lue}\p{Tai_Le}\p{Tai_Tham}\p{Tai_Viet}\p{Javanese}\p{Balinese}\p{Nushu}\p{Tangut}"
)
"""Scripts without spaces between words."""
TOKEN = regex.compile(rf"(?V1w)[{ALONE}]\p{{M}}*|\b[^{ALONE}]+?\b", regex.VERSION1)


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


def unicode_of(content: bytes) -> str:
    """The encoding of Unicode, by a byte-order mark or by what fits; empty where none does.

    >>> unicode_of("Hund".encode("utf-16-le")), unicode_of("Hund".encode("utf-16"))
    ('utf-16-le', 'utf-16')
    """
    if mark := marked(content):
        return mark
    if b"\0" in content:
        fitting = [name for name in WIDE if decoded(content, name) is not None]
        return max(fitting, key=_plain(content), default="")
    if b"\x1b$" in content or b"\x1b(" in content:
        return ""  # ISO-2022, which is ASCII to whoever does not look for it
    return "utf-8" if decoded(content, "utf-8") is not None else ""


def marked(content: bytes) -> str:
    """The encoding that a text's byte-order mark stands for; empty where it has none."""
    return next((name for mark, name in MARKS if content.startswith(mark)), "")


def _plain(content: bytes) -> Callable[[str], tuple[int, int]]:
    """Rank of an encoding for some bytes: how much becomes ASCII and CJK marks, and how few alphabets."""

    def rank(encoding: str) -> tuple[int, int]:
        text = content.decode(encoding)
        plain = sum(c.isascii() or "\u3000" <= c <= "\u303f" for c in text)
        return plain, -len({ord(c) >> 8 for c in text})

    return rank


def decoded(content: bytes, encoding: str) -> str | None:
    """The text, or None where that is not its encoding: it does not fit, or would hold control characters."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    odd = any(unicodedata.category(c) in {"Cc", "Cn", "Co"} and c not in "\t\n\v\f\r\x1a\x85" for c in text)
    return None if odd else text


def legacy_of(contents: Iterable[bytes]) -> str:
    """The encoding from before Unicode that fits all of these best; empty where none does."""
    whole = b"\n".join(dict.fromkeys(contents))[: 2 * EVIDENCE]
    if not whole:
        return ""
    fitting = [name for name in LEGACY if decoded(whole, name) is not None]
    if "iso2022_jp" in fitting and b"\x1b" in whole:
        return "iso2022_jp"
    for name in [name for name in ("euc_jp", "cp932") if name in fitting]:
        if _kana(whole.decode(name)) > KANA:
            return name
    if sum(byte > 127 for byte in whole) < FEW and USUAL in fitting:
        return USUAL
    best = charset_normalizer.from_bytes(whole, cp_isolation=fitting).best() if fitting else None
    return best.encoding if best else ""


def _kana(text: str) -> float:
    """The share of letters beyond ASCII that are full-width kana."""
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    return sum("\u3041" <= c <= "\u30ff" for c in letters) / max(len(letters), 1)


def tokens(text: str) -> list[str]:
    """The words of a text, by Unicode's word boundaries; of scripts without spaces the characters.

    Compared in one form, without capitals; punctuation is none.

    >>> tokens("The cat's H\u00dcTTE, 3.14")
    ['the', "cat's", 'h\u00fctte', '3.14']
    >>> tokens("\u732b\u304c\u9cf4\u304f cat")
    ['\u732b', '\u304c', '\u9cf4', '\u304f', 'cat']
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
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
