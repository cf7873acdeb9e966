"""Channels from the terminal, against a server that is there."""

from collections.abc import Iterator

import pytest
from letterbox import Letterbox, letterbox
from typed import Say


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


def test_a_channel_is_added_tried_listed_and_removed(say: Say, box: Letterbox) -> None:
    code, text = say("channel", "add", "team", box.address, "--on", "completed, failed")
    channel, service = text.split()
    assert (code, service) == (0, "JSON")
    assert say("channel", "test", channel) == (0, "")
    assert [message["title"] for message in box.messages] == ["rhoscope: a test"]
    assert "team JSON completed, failed well" in say("channel", "list")[1]
    assert say("channel", "remove", channel) == (0, "")
    assert "team" not in say("channel", "list")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "team", "nonsense"), "address: expected the address of a service"),
        (("add", "team", "jsons://h.example", "--on", "birthdays"), "occasions"),
        (("add", "team", "jsons://h.example", "--on", ""), "occasions"),
        (("test", "none"), "There is no channel 'none'."),
        (("remove", "none"), "There is no channel 'none'."),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_2(say: Say, words: tuple[str, ...], sentence: str) -> None:
    code, text = say("channel", *words)
    assert code == 2
    assert sentence in text
    assert "Traceback" not in text
