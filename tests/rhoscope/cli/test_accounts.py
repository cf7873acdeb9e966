"""Users and tokens from the terminal, as an admin and as a user, against a real API."""

import io
import sys
from collections.abc import Callable, Iterator

import pytest
from served import serving

from rhoscope import cli
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from trainer.plugins import describe

SHARED = "shared-secret-of-the-lab"
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """Calls `rhoscope ARGUMENTS` with a token and a password on standard input: exit code and output."""
    server = embedded.start(environment)
    guarded = environment.model_copy(update={"api_token": SHARED})
    with serving(guarded, describe()) as api:
        monkeypatch.setenv("RHOSCOPE_API_URL", api.url)

        def call(*arguments: str, token: str = SHARED, password: str = "") -> tuple[int, str]:
            monkeypatch.setenv("RHOSCOPE_API_TOKEN", token)
            monkeypatch.setattr(sys, "argv", ["rhoscope", *arguments])
            monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
            with pytest.raises(SystemExit) as ended:
                cli.main()
            printed = capsys.readouterr()
            return int(ended.value.code or 0), printed.out + printed.err

        yield call
    end(server)


def test_users_and_tokens_from_the_first_to_the_last(call: Call) -> None:
    piped = "--password-stdin"
    assert call("user", "add", "ann", piped, password="correct horse") == (0, "ann  admin\n")
    assert call("user", "add", "bob", "--role", "viewer", piped, password="correct horse")[0] == 0
    code, said = call("user", "add", "zoe", piped, password="short")
    assert (code, "password" in said) == (2, True)
    code, said = call("user", "add", "zoe")
    assert (code, "--password-stdin" in said) == (2, True)
    listed = call("user", "list")[1]
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [["ann", "admin"], ["bob", "viewer"]]
    _, bobs = call("token", "add", "laptop", "--user", "bob")
    assert bobs.startswith("rho_")
    assert call("runs", token=bobs.strip())[0] == 0
    code, said = call("stop", "none", token=bobs.strip())
    assert (code, said) == (2, "Error: bob is a viewer and may look, but change nothing.\n")
    assert call("user", "list", token=bobs.strip())[0] == 2
    assert "laptop" in call("token", "list", token=bobs.strip())[1]
    assert call("user", "role", "bob", "operator")[0] == 0
    assert "There is no run" in call("stop", "none", token=bobs.strip())[1]
    assert call("user", "password", "bob", piped, password="battery staple")[0] == 0
    assert call("token", "revoke", "laptop", token=bobs.strip())[0] == 0
    code, said = call("runs", token=bobs.strip())
    assert (code, "Log in, or send a token" in said) == (2, True)
    code, said = call("token", "revoke", "laptop")
    assert (code, "There is no token" in said) == (2, True)
    code, said = call("user", "remove", "ann")
    assert (code, "no admin" in said) == (2, True)
    assert call("user", "remove", "bob")[0] == call("user", "remove", "ann")[0] == 0
