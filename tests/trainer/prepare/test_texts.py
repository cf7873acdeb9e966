"""Words of texts: what is one word, however it is written, and that no text takes forever."""

import pytest

from trainer.prepare.texts import tokens

SAME = {
    "capitals": ("STRASSE", "straße"),
    "forms of an accent": ("caf\u00e9", "cafe\u0301"),
    "apostrophes": ("don\u2019t", "don't"),
    "a soft hyphen": ("co\u00adoperate", "cooperate"),
    "a mark of direction": ("\u200fשלום\u200f", "שלום"),
    "a joiner": ("می\u200cخوابد", "میخوابد"),
    "a byte-order mark": ("\ufeffcat", "cat"),
    "wide letters": ("ｃａｔ １２", "cat 12"),
    "a ligature": ("ﬁne", "fine"),
}


@pytest.mark.parametrize("case", SAME)
def test_a_word_is_the_same_however_it_is_written(case: str) -> None:
    one, other = SAME[case]
    assert tokens(one) == tokens(other) != []


@pytest.mark.parametrize("text", ["𓀀𓀁𓂀", "𒀀𒀁", "猫が鳴く", "แมว", "ꦲꦏꦱ", "🇩🇪🇫🇷🇯🇵", "😀😀"])
def test_scripts_without_spaces_are_read_by_their_characters(text: str) -> None:
    length = 2 if text.startswith("🇩") else 1
    assert tokens(text) == [text[n : n + length] for n in range(0, len(text), length)]


@pytest.mark.parametrize(
    "unit", ["\u0301\u0316", "🇩🇪", "😀", " ", "!", "1.", "a'", 'א"', "\u200d", "\r\n", "猫", "\u1100"]
)
def test_a_long_run_of_anything_ends(unit: str) -> None:
    """Two of them took over a minute for the length that is tried here, growing with its square."""
    assert len(tokens("a" + unit * 200_000)) <= 400_001
