"""No server that other machines reach starts without something that keeps strangers out."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import nursery
import pytest
from instrument import free_port
from nursery import RHOSCOPE
from served import Served, listening, serving

from backend.__main__ import check_exposure
from backend.app import create_app
from backend.store import accounts
from dashboard.__main__ import check_exposure as check_page
from rhoscope.accounts import Role
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput

EVERYWHERE = ("0.0.0.0", "::", "192.0.2.7", "lab.example")


@pytest.mark.parametrize("host", EVERYWHERE)
def test_an_api_without_token_and_users_does_not_listen_where_others_reach_it(
    tmp_path: Path, host: str
) -> None:
    environment = Environment(data_dir=tmp_path, host=host)
    application = create_app(environment).state.application
    with pytest.raises(InvalidInput, match=f"could reach {host}, .* Set RHOSCOPE_API_TOKEN"):
        check_exposure(application)
    with application.store.writing() as db:
        accounts.add(db, "ann", Role.ADMIN, "hash")
    application.identities.forget()
    check_exposure(application)
    application.store.close()
    check_exposure(create_app(environment.model_copy(update={"api_token": "secret"})).state.application)
    check_exposure(create_app(environment.model_copy(update={"host": "127.0.0.1"})).state.application)


def test_a_page_does_not_listen_there_either_until_the_api_lets_no_stranger_in(
    home: Environment, catalog: Catalog
) -> None:
    page = Environment(host="0.0.0.0", api_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(InvalidInput, match=r"could reach 0\.0\.0\.0"):
        check_page(page, patience_s=0)
    with serving(home, catalog) as api:
        page = page.model_copy(update={"api_url": api.url})
        with pytest.raises(InvalidInput, match=r"could reach 0\.0\.0\.0"):
            check_page(page)
        new = {"name": "ann", "password": "correct horse"}
        httpx.post(f"{api.url}/api/v1/users", json=new).raise_for_status()
        check_page(page)
        login = httpx.post(f"{api.url}/api/v1/session", json=new)
        users = f"{api.url}/api/v1/users/ann"
        assert httpx.delete(users, cookies=dict(login.cookies)).status_code == 204
    check_page(page.model_copy(update={"host": "127.0.0.1"}))


@pytest.mark.parametrize("program", ["backend", "up"])
def test_each_program_says_so_in_one_sentence_and_ends_with_2(tmp_path: Path, program: str) -> None:
    words = ["--no-browser", "--api-port", str(free_port())] if program == "up" else []
    given = {"RHOSCOPE_HOST": "0.0.0.0", "RHOSCOPE_DATA_DIR": str(tmp_path / "data")}
    given["RHOSCOPE_API_URL"] = f"http://127.0.0.1:{free_port()}"
    command = [RHOSCOPE, program, *words, "--port", str(free_port())]
    done = nursery.run(command, env=os.environ | given, text=True)
    assert done.returncode == 2
    last = " ".join(done.stderr.split())
    assert "Set RHOSCOPE_API_TOKEN" in last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("header", [{}, {"X-Rhoscope-Exposed": "1"}])
def test_an_exposed_server_lets_nobody_in_even_where_nobody_logs_in(
    served: Served, tmp_path: Path, header: dict[str, str]
) -> None:
    """Should the last user go, or the API behind a page be another."""
    assert httpx.get(f"{served.url}/api/v1/runs").status_code == 200
    if header:
        answer = httpx.get(f"{served.url}/api/v1/runs", headers=header)
    else:
        with listening(create_app(Environment(data_dir=tmp_path, host="0.0.0.0"))) as port:
            answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/runs")
    assert answer.status_code == 401
    assert "RHOSCOPE_API_TOKEN" in answer.json()["detail"]


def test_what_a_program_writes_is_its_users_alone(tmp_path: Path) -> None:
    code = (
        "from rhoscope.local.process import keep_private as k; k(); open('x', 'w'); import os; os.mkdir('y')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in "xy"] == ["0o600", "0o700"]
