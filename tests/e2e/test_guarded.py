"""`rhoscope up` where others use the machine: its user gets in without a thought, and nobody else does."""

import os
from collections.abc import Iterator

import httpx
import nursery
import pytest
from instrument import Instrument
from nursery import RHOSCOPE

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instrument]:
    house = Instrument(tmp_path_factory.mktemp("guarded") / "data", RHOSCOPE_LOGIN="required")
    house.start()
    yield house
    house.stop()


def test_a_stranger_of_this_machine_gets_nothing(guarded: Instrument) -> None:
    assert httpx.get(f"{guarded.api_url}/api/v1/runs").status_code == 401
    assert httpx.get(f"{guarded.url}/api/v1/runs").status_code == 401
    assert httpx.get(guarded.url).headers["location"].startswith("/login")


def test_its_user_needs_no_word_of_it_on_the_command_line(guarded: Instrument) -> None:
    here = {"RHOSCOPE_API_URL": guarded.api_url, "RHOSCOPE_DATA_DIR": str(guarded.data_dir)}
    done = nursery.run([RHOSCOPE, "runs"], env=os.environ | here)
    assert done.returncode == 0
    elsewhere = here | {"RHOSCOPE_DATA_DIR": str(guarded.data_dir.parent)}
    done = nursery.run([RHOSCOPE, "runs"], env=os.environ | elsewhere)
    assert done.returncode == 2


def test_whatever_it_wrote_is_its_users_alone(guarded: Instrument) -> None:
    paths = [guarded.data_dir, *guarded.data_dir.rglob("*")]
    assert {"rhoscope.db", "redis.sock", "backend.log", "token"} <= {path.name for path in paths}
    assert [str(path) for path in paths if path.stat().st_mode & 0o077] == []


def test_no_argument_and_no_environment_but_the_apis_holds_the_token(guarded: Instrument) -> None:
    token = (guarded.data_dir / "token").read_text().strip()
    family = [process for process in guarded.family if process.is_running()]
    assert [process for process in family if token in " ".join(process.cmdline())] == []
    holding = [process for process in family if token in process.environ().values()]
    assert [" ".join(process.cmdline()[1:3]) for process in holding] == ["-m backend"]
