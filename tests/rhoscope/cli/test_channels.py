"""Channels from the terminal, against a server that is there."""

import sys
from collections.abc import Iterator

import pytest
from letterbox import Letterbox, letterbox
from served import Served, serving

from rhoscope import cli
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from trainer.plugins import describe


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = Environment(data_dir=tmp_path_factory.mktemp("channels"))
    server = embedded.start(environment)
    with serving(environment, describe()) as served:
        yield served
    end(server)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], served: Served) -> "Say":
    monkeypatch.setenv("RHOSCOPE_API_URL", served.url)
    return Say(monkeypatch, capsys)


class Say:
    """A command as a user types it: its exit code, and what it prints."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> tuple[int, str]:
        self._monkeypatch.setattr(sys, "argv", ["rhoscope", "channel", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = self._capsys.readouterr()
        return int(ended.value.code or 0), " ".join((printed.out + printed.err).split())


def test_a_channel_is_added_tried_listed_and_removed(say: Say, box: Letterbox) -> None:
    code, text = say("add", "team", box.address, "--on", "completed, failed")
    channel, service = text.split()
    assert (code, service) == (0, "JSON")
    assert say("test", channel) == (0, "")
    assert [message["title"] for message in box.messages] == ["rhoscope: a test"]
    assert "team JSON completed, failed well" in say("list")[1]
    assert say("remove", channel) == (0, "")
    assert "team" not in say("list")[1]


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
    code, text = say(*words)
    assert code == 2
    assert sentence in text
    assert "Traceback" not in text
