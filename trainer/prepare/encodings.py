"""Which encoding a text is in: by a byte-order mark, by what fits, and by how usual its letters are then.

Of the encodings from before Unicode many fit the same bytes. Each is tried with the languages that it was
made for, and the one under which the letters are the most usual is taken: frequencies of letters by language
are charset-normalizer's, common Chinese characters those of the first level of each national standard.
"""

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from charset_normalizer.constant import FREQUENCIES

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""Byte-order marks; the longer ones first, since they begin as a shorter one does."""
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
SHIFTED = {
    rb"\x1b\$\)C": "iso2022_kr",
    rb"\x1b[$(]": "iso2022_jp",
    rb"~\{[!-~]{2,}~\}": "hz",
}
"""Encodings that are ASCII to whoever does not look for their marks."""
EVIDENCE = 32 * 1024
"""Bytes of texts, together, that an encoding is recognized by."""

WEST = (
    *("English", "German", "French", "Dutch", "Italian", "Spanish", "Portuguese", "Catalan"),
    *("Swedish", "Norwegian", "Danish", "Finnish", "Icelandic", "Indonesian"),
)
EAST = ("Polish", "Czech", "Hungarian", "Slovene", "Slovak", "Croatian", "Romanian", "German")
CYRILLIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian", "Belarusian")
BALTIC = ("Lithuanian", "Latvian", "Estonian")
CJK = ("Chinese", "Traditional", "Japanese", "Korean")
LEGACY: Mapping[str, tuple[float, Sequence[str]]] = {
    "cp1252": (0, WEST),
    "cp1250": (2, EAST),
    "cp1251": (2, CYRILLIC),
    "cp1253": (2, ("Greek",)),
    "cp1254": (2, ("Turkish",)),
    "cp1255": (2, ("Hebrew",)),
    "cp1256": (2, ("Arabic", "Farsi")),
    "cp1257": (2, BALTIC),
    "cp1258": (2, ("Vietnamese",)),
    "cp874": (2, ("Thai",)),
    "koi8_r": (2, ("Russian", "Bulgarian")),
    "koi8_u": (3, ("Ukrainian", "Belarusian")),
    "iso8859_2": (3, EAST),
    "iso8859_5": (3, CYRILLIC),
    "iso8859_6": (3, ("Arabic",)),
    "iso8859_7": (3, ("Greek",)),
    "iso8859_8": (3, ("Hebrew",)),
    "iso8859_15": (3, WEST),
    "iso8859_16": (4, ("Romanian", "Polish", "Hungarian")),
    "cp437": (5, WEST),
    "cp850": (5, WEST),
    "cp852": (5, EAST),
    "cp857": (5, ("Turkish",)),
    "cp737": (5, ("Greek",)),
    "cp862": (5, ("Hebrew",)),
    "cp866": (3, CYRILLIC),
    "mac_roman": (5, WEST),
    "mac_cyrillic": (5, CYRILLIC),
    "mac_latin2": (6, EAST),
    "mac_turkish": (6, ("Turkish",)),
    "mac_greek": (6, ("Greek",)),
    "cp932": (2, ("Japanese",)),
    "euc_jp": (2, ("Japanese",)),
    "gb18030": (2, ("Chinese",)),
    "big5": (2, ("Traditional",)),
    "big5hkscs": (3, ("Traditional",)),
    "cp949": (2, ("Korean",)),
    "johab": (5, ("Korean",)),
    "utf-16-le": (4, (*CJK, "Thai")),
    "utf-16-be": (4, (*CJK, "Thai")),
}
"""Encodings from before Unicode, how much less usual than the first each is (nats), and its languages.

Two bytes each are those of UTF-16 that bear no mark and hold no letter of Latin.
"""
MORE: Mapping[str, str] = {
    "English": "",
    "German": "ßé",
    "French": "êçôîûùâëïœüÿ",
    "Dutch": "éïöüèó",
    "Italian": "éìù",
    "Spanish": "ñúü¿¡ª",
    "Portuguese": "õôêâúàü",
    "Swedish": "éà",
    "Norwegian": "éòô",
    "Danish": "éü",
    "Finnish": "åšž",
    "Icelandic": "aðeirnstulgmkfhvoáéíóúýþæöbdjpyx",
    "Catalan": "aesirlnotucdmpvgbfhqjàèéíòóúüçïx·",
    "Polish": "śćńźż",
    "Czech": "ůúýčďňóřšťžá",
    "Hungarian": "üóőúűöé",
    "Slovene": "ćđ",
    "Slovak": "úäľňôťďŕĺóšž",
    "Croatian": "đ",
    "Romanian": "șțşţâî",
    "Ukrainian": "єґщшюжхцфї'",
    "Russian": "шюёщфэъцх",
    "Bulgarian": "юфьщ",
    "Serbian": "ђјљњћџхжшчфцгб",
    "Belarusian": "аоіенрлсктвдпзмуяьбўыгчцхйжшюэфё",
    "Lithuanian": "ąčęįųūž",
    "Latvian": "aisternuāokmldpīvzējbgcšūļņģķčžf",
    "Estonian": "šžõöü",
    "Turkish": "âîûöç",
    "Greek": "βφξζψώύϊϋΐΰ",
    "Hebrew": "ףץםן",
    "Arabic": "ئءؤآثذضظغزپچگ،؟",
    "Farsi": "ثذضظيئءؤكىة،؟",
    "Thai": "ิีึืุูเแโใไัา็่้๊๋์ำะๆฯซญฎฏฐฑฒณถธฝภศษฬฮฉผฟ",
}
"""Letters of a language that the list of the frequent ones lacks, and whole lists where there is none."""
WORD = re.compile(r"[^\W\d_]+")
ODD = -7.0
SIGNS = "\u00a0\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\u00ab\u00bb\u00b0\u20ac\u201a"
"""Marks beyond ASCII that are in texts of any language."""
MISPLACED = re.compile(r"(?<=[^\W\d_])(\d(?=[^\W\d_])|[\u201a\u201e\u2026\u02c6](?=\w))")
"""Digits within words, and marks that no word goes on after."""
WRONG = math.log(1e-6)
HALTS = frozenset("\u3000\u3001\u3002\u300c\u300d\u300e\u300f\u2026\u2014")
HALTS |= set("\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f")
"""Punctuation as wide as a character."""
STANDARDS: Mapping[str, tuple[str, int]] = {
    "Chinese": ("gb2312", 0xD7),
    "Traditional": ("big5", 0xC6),
    "Japanese": ("cp932", 0x97),
    "Korean": ("euc_kr", 0xC8),
}
"""The first byte of their last common character, by a standard's encoding."""


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
    if shifted(content):
        return ""
    return "utf-8" if decoded(content, "utf-8") is not None else ""


def shifted(content: bytes) -> str:
    """The encoding that switches between alphabets by marks that are in the text; empty where none are."""
    names = (name for mark, name in SHIFTED.items() if re.search(mark, content))
    return next((name for name in names if decoded(content, name) is not None), "")


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


def decoded(content: bytes, encoding: str, *, whole: bool = True) -> str | None:
    """The text, or None where that is not its encoding: it does not fit, or would hold control characters.

    Where the bytes are not the `whole` text, they may end within a character.
    """
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=whole)
    except (UnicodeDecodeError, LookupError):
        return None
    odd = (c for c in set(text) if unicodedata.category(c) in {"Cc", "Cn", "Co"})
    return None if any(c not in "\t\n\v\f\r\x1a\x85" for c in odd) else text


def legacy_of(contents: Iterable[bytes]) -> str:
    """The encoding from before Unicode that fits all of these best; empty where none does."""
    distinct = list(dict.fromkeys(contents))
    if names := {shifted(content) for content in distinct} - {""}:
        return names.pop() if len(names) == 1 else ""
    if all(map(bytes.isascii, distinct)) or any(map(_torn, distinct)):
        return ""
    best, most = "", -math.inf
    for name, (seldom, languages) in LEGACY.items():
        texts = [decoded(c[:EVIDENCE], name, whole=len(c) <= EVIDENCE) for c in distinct]
        if None in texts:
            continue
        text = "\n".join(filter(None, texts))
        value = max(likelihood(text, language) for language in languages) - seldom
        if value > most:
            best, most = name, value
    return best


def _torn(content: bytes) -> bool:
    """Whether that is UTF-8 in which a few bytes are wrong, as after a cut within a letter."""
    text = content.decode(errors="replace")
    wrong = text.count("\ufffd")
    return wrong * 10 < sum(not c.isascii() for c in text)


def likelihood(text: str, language: str) -> float:
    """The logarithm of how usual a text's letters are in a language; of other ASCII nothing counts."""
    usual, plain = _usual(language), unicodedata.normalize("NFC", text)
    counts = Counter(plain.lower())
    total = sum(n * usual[c] if c in usual else n * _of_stranger(c, language) for c, n in counts.items())
    words = () if language in CJK else WORD.findall(plain)
    misplaced = 0 if language in CJK else len(MISPLACED.findall(plain))
    return total + ODD * (misplaced + sum(_oddities(word) for word in words if not word.isascii()))


def _oddities(word: str) -> int:
    """Capitals that follow a small letter, and letters of Latin among those of another script."""
    capitals = sum(b.isupper() and a.islower() for a, b in pairwise(word))
    foreign = sum(c > "\u024f" and not "\u1e00" <= c <= "\u1eff" for c in word)
    return capitals + foreign * any(map(str.isascii, word))


def _of_stranger(c: str, language: str) -> float:
    if c.isascii():
        return math.log(1 / 200) if c.isalpha() else 0.0
    if language in CJK:
        return _of_han(c, language)
    return math.log(1 / 500) if c in SIGNS else WRONG


@cache
def _of_han(c: str, language: str) -> float:
    """A character of two bytes, by the level that its national standard gives it."""
    if c in HALTS:
        return math.log(1 / 50)
    name, last = STANDARDS[language]
    try:
        coded = c.encode(name)
    except UnicodeEncodeError:
        return 2 * WRONG
    kana = "\u3040" <= c <= "\u30ff" and language != "Japanese"
    if len(coded) < 2 or kana or unicodedata.category(c) != "Lo":
        return WRONG
    return math.log(1 / 4_000) if coded[0] <= last else math.log(1 / 60_000)


@cache
def _usual(language: str) -> Mapping[str, float]:
    """The logarithm of each frequent letter's share."""
    lists = [FREQUENCIES[name] for name in FREQUENCIES if name.rstrip("\u2014") == language]
    ordered = [[c.lower() for c in letters] for letters in lists]
    shares: dict[str, float] = {}
    weight = 0.35 if language in CJK else 1.0
    for letters in ordered:
        scale = math.log(len(letters) + 1.5) - math.log(1.5)
        for rank, c in enumerate(letters):
            shares.setdefault(c, weight / len(lists) / (rank + 1.5) / scale)
    more = MORE.get(language, "")
    for rank, c in enumerate(more):
        shares.setdefault(c, 0.01 if ordered else 1 / (rank + 1.5) / math.log(len(more)))
    return {c: math.log(share) for c, share in shares.items()}
