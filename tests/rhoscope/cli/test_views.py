"""Saved views from the terminal, against a server that is there."""

from collections.abc import Iterator

import pytest
from served import Served
from typed import Say

from rhoscope.client import Client


@pytest.fixture
def view(served: Served) -> Iterator[str]:
    """The id of a view that is there."""
    with Client(served.url) as client:
        yield client.views.save("Figure 1", "/sweeps").id
        for one in client.views.all():
            client.views.delete(one.id)


def test_a_view_is_added_as_the_browser_shows_it_renamed_opened_and_deleted(say: Say, view: str) -> None:
    code, text = say("views", "add", "Figure 2", "http://there:8050/compare?runs=a,b&by=alpha#charts")
    assert (code, text.endswith("Figure 2")) == (0, True)
    assert "Figure 2 /compare?runs=a,b&by=alpha" in say("views")[1]
    assert say("views", "list")[1] == say("views")[1]
    assert say("views", "rename", "Figure  2", "Figure 3") == (0, "")
    whole = "https://there.example/rho/compare?runs=a,b&by=alpha"
    assert say("views", "open", "Figure 3", "--dashboard", "https://there.example/rho/") == (0, whole)
    assert say("views", "open", view) == (0, "http://127.0.0.1:8050/sweeps")
    assert say("views", "delete", text.split()[0]) == (0, "")
    assert "Figure 3" not in say("views")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", " ", "/"), "a view needs a name"),
        (("add", "x", "/nowhere"), "is not the address of a page"),
        (("add", "x", "http://[/nowhere"), "is not the address of a page"),
        (("add", "Figure 1", "/"), "Figure 1"),
        (("rename", "Figure 1", "a\x1b[2J"), "characters that can't be seen"),
        (("rename", "none", "x"), "There is no view 'none'; `rhoscope views` lists them."),
        (("delete", "none"), "There is no view 'none'; `rhoscope views` lists them."),
        (("open", "none"), "There is no view 'none'; `rhoscope views` lists them."),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_2(
    say: Say, view: str, words: tuple[str, ...], sentence: str
) -> None:
    code, text = say("views", *words)
    assert code == 2
    assert sentence in text
    assert "Traceback" not in text
