"""Where other people use the machine, `rhoscope up` asks even its own user for a token."""

import pwd
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from rhoscope.environment import Environment
from rhoscope.local import entry, neighbors
from rhoscope.local.ground import check_data_dir

OWN = 1000


def account(name: str, uid: int, home: str, shell: str = "/bin/bash") -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid, "", home, shell))


def test_an_account_of_another_person_counts_and_one_of_the_system_does_not(tmp_path: Path) -> None:
    home = str(tmp_path)
    system = [
        account("me", OWN, home),
        account("daemon", 33, home),
        account("nobody", 65534, home),
        account("robot", 1002, home, "/usr/sbin/nologin"),
        account("gone", 1003, str(tmp_path / "none")),
        account("", 1004, home, ""),
    ]
    assert neighbors._account(system, OWN) == ""
    assert "ann has an account" in neighbors._account([*system, account("ann", 1001, home)], OWN)


@pytest.mark.parametrize(
    ("line", "directory"),
    [
        ("passwd: files systemd", ""),
        ("passwd:  compat", ""),
        ("passwd: files sss", "sss"),
        ("passwd: files [NOTFOUND=return] ldap winbind", "ldap, winbind"),
        ("group: files sss", ""),
    ],
)
def test_a_directory_of_accounts_counts(tmp_path: Path, line: str, directory: str) -> None:
    (tmp_path / "nsswitch.conf").write_text(f"# sources\n{line}\n")
    result = neighbors._directory(tmp_path / "nsswitch.conf")
    assert directory in result
    assert bool(result) is bool(directory)
    assert neighbors._directory(tmp_path / "none") == ""


def test_a_program_of_another_person_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def process(uid: int) -> Any:
        return SimpleNamespace(info={"uids": SimpleNamespace(real=uid), "username": f"user{uid}"})

    monkeypatch.setattr(psutil, "process_iter", lambda _names: map(process, [0, 33, OWN, 65534]))
    assert neighbors._running(OWN) == ""
    monkeypatch.setattr(psutil, "process_iter", lambda _names: map(process, [0, OWN, 1001]))
    assert neighbors._running(OWN) == "user1001 runs programs on this machine"


@pytest.mark.parametrize(
    ("settings", "others", "needed"),
    [
        ({}, "", False),
        ({}, "ann is here", True),
        ({"login": "none"}, "ann is here", False),
        ({"login": "required"}, "", True),
        ({"api_token": "given"}, "ann is here", False),
        ({"host": "0.0.0.0"}, "ann is here", False),
    ],
)
def test_up_makes_a_token_where_others_could_reach_the_page(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], others: str, *, needed: bool
) -> None:
    monkeypatch.setattr(neighbors, "others", lambda: others)
    assert bool(entry.reason(Environment(**settings))) is needed


def test_the_token_is_made_once_and_nobody_else_can_read_it(environment: Environment) -> None:
    check_data_dir(environment)
    token = entry.token(environment)
    assert len(token) >= 43
    assert entry.token(environment) == token
    guarded = environment.model_copy(update={"api_token": token})
    link = entry.link(guarded, "http://127.0.0.1:8050")
    page = environment.data_dir / "open.html"
    assert token not in link
    assert token in page.read_text()
    assert [mode(path) for path in (environment.data_dir, environment.token_file, page)] == [
        0o700,
        0o600,
        0o600,
    ]
    assert environment.client_token == token
    assert environment.model_copy(update={"api_url": "http://elsewhere:8000"}).client_token == ""
    assert entry.link(environment, "http://127.0.0.1:8050") == "http://127.0.0.1:8050"


def test_a_data_directory_that_others_could_read_is_closed(environment: Environment) -> None:
    environment.data_dir.mkdir(mode=0o755, parents=True)
    environment.data_dir.chmod(0o755)
    check_data_dir(environment)
    assert mode(environment.data_dir) == 0o700


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
