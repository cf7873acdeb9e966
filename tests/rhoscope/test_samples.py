"""Records of single examples: what they may hold, and what is refused with the reason."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from rhoscope.samples import MOST_BYTES, Part, Samples
from rhoscope.tracker.pieces import png, wav

NUMBERS = {"names": ["a", "b"], "labels": ["x", "y"], "together": [0.5, 1.0], "alone": {"audio": [0.1, None]}}


def test_what_is_not_finite_is_missing_and_digits_are_five() -> None:
    made = Samples.make(["a"], ["x"], [0.123456789], {"audio": [float("nan")], "visual": [None]}, 3)
    assert (made.together, made.alone, made.epoch) == ([0.12346], {"audio": [None], "visual": [None]}, 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"names": ["a", "a"]}, "same name"),
        ({"labels": ["x"]}, "'labels' has 1 entries for 2 examples"),
        ({"together": [0.5]}, "'together' has 1 entries"),
        ({"alone": {"audio": [0.1]}}, "'audio' has 1 entries"),
        ({"together": [0.5, 1.5]}, "less than or equal to 1"),
        ({"together": [0.5, float("nan")]}, "less than or equal to 1|finite"),
        ({"alone": {"": [0.1, 0.2]}}, "at least 1 character"),
        ({"alone": {f"m{i}": [0.1, 0.2] for i in range(33)}}, "at most 32"),
        ({"names": [], "labels": [], "together": [], "alone": {}}, "at least 1 item"),
        ({"names": [str(i) for i in range(201)]}, "at most 200"),
    ],
    ids=["twice", "labels", "together", "alone", "range", "nan", "nameless", "modalities", "none", "many"],
)
def test_a_record_that_does_not_fit_says_why(change: dict[str, Any], words: str) -> None:
    Samples.model_validate(NUMBERS)
    with pytest.raises(ValidationError, match=words):
        Samples.model_validate(NUMBERS | change)


def test_a_part_holds_what_its_digest_says_and_nothing_that_a_browser_would_run() -> None:
    picture = Part.of("visual", "image", png(np.zeros((2, 2), np.uint8)))
    sound = Part.of("audio", "sound", wav(np.zeros(8), 8000))
    assert (picture.opened()[0], sound.opened()[0]) == ("image/png", "audio/wav")
    wrong = [
        ({"content": "PHN2Zy8+", "digest": "0" * 64}, "not the SHA-256"),
        ({"content": "no base64!"}, "base64"),
        ({"kind": "sound"}, "WAV"),
        ({"kind": "text"}, "has no content"),
    ]
    for change, words in wrong:
        with pytest.raises(ValidationError, match=words):
            Part.model_validate(picture.model_dump() | change)
    with pytest.raises(ValidationError, match="expected a PNG"):
        Part.of("visual", "image", b"<svg onload='alert(1)'/>")
    with pytest.raises(ValidationError):
        Part.of("visual", "image", png(np.zeros((1, 1), np.uint8)) + bytes(MOST_BYTES))
