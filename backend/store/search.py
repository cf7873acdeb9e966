"""Texts as they are searched for: one form for all ways to write the same, in every language."""

import unicodedata

_DOT_OVER_I = "i\u0307"
"""The capital dotted I of Turkish in lower case."""


def folded(text: str) -> str:
    """A text without regard to case, width, and how its accents are composed.

    >>> folded("ÜNLÜ") == folded("u\u0308nlu\u0308"), folded("Ｓtraße"), folded("İzmir")
    (True, 'strasse', 'izmir')
    """
    lower = unicodedata.normalize("NFKC", text).casefold().replace(_DOT_OVER_I, "i")
    return unicodedata.normalize("NFKC", lower)


def forms(text: str) -> list[str]:
    """A text as it is, and with its accents composed and decomposed: one of these is what is stored."""
    return list(dict.fromkeys([text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))]))
