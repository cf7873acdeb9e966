"""A word for all that a run does: runs of the same word repeat each other, wherever they began."""

import hashlib
from collections.abc import Mapping
from typing import Any

from backend.store.json_text import write_json

PARTS = ("settings", "course", "strategy", "spec")
"""Columns it follows from; of the specification the encoders alone."""


def doing(row: Mapping[str, Any]) -> str:
    """The word for these settings, seed included, their changes, this strategy, and these encoders."""
    settings, course, strategy, spec = (row[name] for name in PARTS)
    text = write_json([settings, course, strategy, spec.get("encoders")])
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()
