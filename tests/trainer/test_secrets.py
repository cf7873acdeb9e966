"""What trains runs plug-ins, perhaps of others: the API's secrets are not in its environment."""

import os
import sys
from pathlib import Path

import pytest

from rhoscope.environment import Environment
from trainer import agent, worker

SECRETS = ("RHOSCOPE_API_TOKEN", "RHOSCOPE_DATABASE_URL")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "postgresql://me:secret@host/x")


def test_a_worker_forgets_them_before_it_starts_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str]] = []
    monkeypatch.setattr(worker, "supervise", lambda *_: seen.append(set(os.environ)))
    monkeypatch.setattr(worker, "keep_private", lambda: None)
    monkeypatch.setattr(sys, "argv", ["worker"])
    assert worker.main() == 0
    assert [names & set(SECRETS) for names in seen] == [set()]


def test_an_attempt_does_not_get_them_from_whatever_started_its_agent(
    monkeypatch: pytest.MonkeyPatch, environment: Environment
) -> None:
    given: list[dict[str, str]] = []
    monkeypatch.setattr(agent, "begin", lambda *_command, env, **_: given.append(env))
    agent._start("run", 1, Path("deadline"), environment, lock=3)
    assert [set(env) & set(SECRETS) for env in given] == [set()]
    assert given[0]["PATH"] == os.environ["PATH"]
