"""A deleted run leaves nothing: neither its log nor its checkpoints, wherever these are."""

import logging
from collections.abc import Callable

import fsspec
import httpx
import pytest
from instrument import wait_for
from served import Attempt, Served

from backend.orders import leftovers
from rhoscope.environment import Environment


def test_log_and_checkpoints_go_with_the_run(
    api: httpx.Client, served: Served, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    home = served.application.environment
    folder, log = home.data_dir / "checkpoints" / attempt.run, home.log_dir / f"{attempt.run}.log"
    name = f"attempt-0001-step-000000010-{'ab' * 32}.pt"
    for file in (folder / name, log):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    attempt.rows(range(10))
    attempt.tell("checkpoint", 10, path=str(folder / name), sha256="ab" * 32, bytes=1, kept=[name])
    wait_for(lambda: api.get(f"/runs/{attempt.run}/checkpoints").json(), 10, "the checkpoint")
    fork = api.post(f"/runs/{attempt.run}/fork", json={}).json()["id"]
    attempt.finish(10)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 10, "completed")
    refused = api.delete(f"/runs/{attempt.run}")
    assert (refused.status_code, fork in refused.json()["detail"]) == (409, True)
    assert folder.exists()
    api.post(f"/runs/{fork}/stop")
    wait_for(lambda: api.get(f"/runs/{fork}").json()["state"] == "stopped", 10, "stopped")
    assert api.delete(f"/runs/{attempt.run}").status_code == 204
    assert not folder.exists()
    assert not log.exists()


def test_checkpoints_in_an_object_store_go_too(environment: Environment) -> None:
    files = fsspec.filesystem("memory")
    for run in ("a", "b"):
        files.pipe_file(f"/{environment.data_dir.name}/{run}/attempt-1.pt", b"x")
    there = environment.model_copy(update={"checkpoint_url": f"memory://{environment.data_dir.name}"})
    leftovers.clear(there, "a")
    leftovers.clear(there, "a")
    assert files.ls(f"/{environment.data_dir.name}", detail=False) == [f"/{environment.data_dir.name}/b"]


def test_what_is_out_of_reach_is_logged(environment: Environment, caplog: pytest.LogCaptureFixture) -> None:
    there = environment.model_copy(update={"checkpoint_url": "nowhere://x"})
    with caplog.at_level(logging.WARNING):
        leftovers.clear(there, "a")
    assert "Files of the deleted run a are left" in caplog.text
