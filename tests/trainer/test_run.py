"""The training process as the worker starts it: a real process against a real server."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import nursery
import pytest
from recorded import Memory, Trained
from redis import Redis

from rhoscope import keys
from rhoscope.commands import Command
from rhoscope.environment import Environment
from rhoscope.errors import NotFound
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec
from trainer.attempt.controls import Controls
from trainer.attempt.specification import read_spec
from trainer.connection import connect
from trainer.plugins import describe
from trainer.run import execute, start

BASE = {"dataset": "synthetic", "train_size": 256, "batch_size": 16, "epochs": 2, "device": "cpu"}
CATALOG = describe()
SLOW = {"epochs": 500, "step_delay_ms": 5}


class Attempts:
    """Attempts at one run, as processes, and what they told."""

    def __init__(self, environment: Environment, redis: Redis, folder: Path) -> None:
        self._environment = environment
        self._redis = redis
        self._deadline = folder / "deadline"
        self._started: list[subprocess.Popen[bytes]] = []

    def launch(self, attempt: int = 1, **settings: Any) -> subprocess.Popen[bytes]:
        self._redis.set(keys.spec("r"), resolved({**BASE, **settings}))
        return self.start(attempt)

    def start(self, attempt: int) -> subprocess.Popen[bytes]:
        self.lease(60)
        command = [sys.executable, "-m", "trainer.run", "--run", "r", "--attempt", str(attempt)]
        process = nursery.begin(
            [*command, "--deadline-file", str(self._deadline)],
            env=os.environ
            | {
                "RHOSCOPE_REDIS_URL": self._environment.broker_url,
                "RHOSCOPE_DATA_DIR": str(self._environment.data_dir),
                "RHOSCOPE_WORKER": "w1",
                "OMP_NUM_THREADS": "1",
            },
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def lease(self, seconds: float) -> None:
        mode = "r+b" if self._deadline.exists() else "wb"
        with self._deadline.open(mode) as file:
            file.write(struct.pack("<d", time.monotonic() + seconds))

    def tell(self, verb: str, **settings: Any) -> None:
        command = Command.model_validate(
            {"id": f"c-{verb}", "verb": verb, "settings": settings, "who": "ada", "time": time.time()}
        )
        self._redis.xadd(keys.commands("r"), {"c": command.model_dump_json()})

    def events(self, kind: str) -> list[Event]:
        answer = [Event.decode(f[b"e"]) for _, f in self._redis.xrange(keys.records("r")) if b"e" in f]
        return [event for event in answer if event.kind == kind]

    def blocks(self, attempt: int = 1) -> list[Block]:
        answer = [Block.decode(f[b"b"]) for _, f in self._redis.xrange(keys.records("r")) if b"b" in f]
        return [block for block in answer if block.header.attempt == attempt]

    def steps(self, attempt: int = 1) -> list[int]:
        return [int(step) for block in self.blocks(attempt) for step in block.steps]

    def series(self, name: str, attempt: int = 1) -> list[float]:
        blocks = self.blocks(attempt)
        return [float(v) for b in blocks for v in b.values[b.header.names.index(name)]]

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait()


def resolved(loose: dict[str, Any]) -> str:
    """The specification as the back end writes it: every setting filled in."""
    spec = RunSpec.model_validate(loose)
    return spec.model_copy(update={"settings": CATALOG.check(spec)}).model_dump_json()


@pytest.fixture
def attempts(environment: Environment, redis_client: Redis, tmp_path: Path) -> Iterator[Attempts]:
    made = Attempts(environment, redis_client, tmp_path)
    yield made
    made.end()


def wait(look: Callable[[], object], timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_tells_its_whole_life_and_ends_with_code_0(attempts: Attempts) -> None:
    process = attempts.launch(strategy="ogm-ge", effects_every=1)
    assert process.wait(60) == 0
    (started,) = attempts.events("started")
    assert started.data["worker"] == "w1"
    assert started.data["modalities"] == ["fast", "slow"]
    assert started.data["device"].startswith("cpu")
    answer = {k: started.data[k] for k in ("start_step", "total_steps", "epochs", "steps_per_epoch")}
    assert answer == {"start_step": 0, "total_steps": 32, "epochs": 2, "steps_per_epoch": 16}
    assert set(started.data["parameters"]) == {"fast", "slow", "fusion"}
    dense = {s["name"] for s in started.data["series"] if not s["sparse"]}
    assert all(set(block.header.names) == dense for block in attempts.blocks())
    assert attempts.steps() == list(range(32))
    assert [e.data["epoch"] for e in attempts.events("epoch")] == [0, 1]
    assert [e.step for e in attempts.events("checkpoint")] == [16, 32]
    test = attempts.events("values")[-1].values()
    assert set(test) == {"test.accuracy", "test.accuracy.fast", "test.accuracy.slow"}
    (finished,) = attempts.events("finished")
    assert finished.data["state"] == "completed"
    assert finished.step == 32


def test_a_running_run_is_changed_and_stopped_by_commands(attempts: Attempts) -> None:
    process = attempts.launch(strategy="ogm", **SLOW)
    wait(lambda: len(attempts.steps()) > 5)
    attempts.tell("set", alpha=0.25)
    wait(lambda: attempts.events("setting"))
    attempts.tell("stop")
    assert process.wait(30) == 0
    (setting,) = attempts.events("setting")
    assert setting.data == {
        "setting": "alpha",
        "old": 1.5,
        "new": 0.25,
        "who": "ada",
        "command": "c-set",
    }
    (finished,) = attempts.events("finished")
    assert finished.data["state"] == "stopped"
    assert "by ada" in finished.data["reason"]
    assert attempts.steps() == list(range(finished.step))
    assert attempts.events("checkpoint")[-1].step == finished.step


def test_a_run_whose_loss_is_no_number_fails_with_that_reason_and_keeps_its_curves(
    attempts: Attempts,
) -> None:
    process = attempts.launch(strategy="joint", lr=100.0, weight_decay=1.0, epochs=20)
    assert process.wait(60) == 0
    (finished,) = attempts.events("finished")
    assert finished.data["state"] == "failed"
    assert "loss was not a finite number at step" in finished.data["reason"]
    losses = attempts.series("loss")
    first = next(i for i, loss in enumerate(losses) if not np.isfinite(loss))
    assert f"step {first} " in finished.data["reason"]
    assert first > 0
    assert attempts.steps() == list(range(len(losses)))


def test_a_specification_the_worker_can_not_use_fails_with_the_field_named() -> None:
    sink = Memory()
    bad = RunSpec.model_validate({**BASE, "strategy": "ogm", "alpha": -3})
    assert execute(sink, lambda: start(bad, sink, Controls())).state == "failed"
    (finished,) = sink.of("finished")
    assert finished.data["state"] == "failed"
    assert "alpha" in finished.data["reason"]


def test_an_error_nobody_thought_of_is_the_reason_a_run_failed_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("trainer.strategies.joint.Joint.loss", broken)
    sink = Memory()
    spec = RunSpec.model_validate({**BASE, "strategy": "joint"})
    execute(sink, lambda: start(spec, sink, Controls()))
    assert sink.of("finished")[0].data["reason"] == "ZeroDivisionError: division by zero"


def test_a_run_that_is_not_there_is_said_to_be_missing(redis_url: str) -> None:
    with pytest.raises(NotFound, match="no specification of run r"):
        read_spec(connect(redis_url), "r", Controls())


def test_sigterm_ends_an_attempt_with_75_and_no_outcome_and_the_next_goes_on_with_the_same_bits(
    attempts: Attempts,
) -> None:
    first = attempts.launch(strategy="ogm-ge", epochs=3, step_delay_ms=20)
    wait(lambda: len(attempts.steps()) > 20)
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 75
    assert attempts.events("finished") == []
    second = attempts.start(2)
    assert second.wait(60) == 0
    start_step = attempts.events("started")[1].data["start_step"]
    assert start_step >= 20
    assert attempts.steps(1) == list(range(start_step))
    assert attempts.steps(2) == list(range(start_step, 48))
    whole = Trained({**BASE, "strategy": "ogm-ge", "epochs": 3})
    for name in whole.sink.names() - {"throughput"}:
        assert attempts.series(name, 1) + attempts.series(name, 2) == whole.sink.series(name).tolist()
    assert attempts.events("values")[-1].values() == whole.sink.of("values")[-1].values()


def test_a_killed_attempt_is_taken_up_from_its_last_checkpoint(attempts: Attempts) -> None:
    first = attempts.launch(strategy="ogm", epochs=3, step_delay_ms=20)
    wait(lambda: attempts.events("checkpoint"))
    first.kill()
    first.wait()
    second = attempts.start(2)
    assert second.wait(60) == 0
    assert attempts.steps(2)[0] % 16 == 0
    assert attempts.steps(2)[-1] == 47
    assert attempts.events("finished")[0].attempt == 2


def test_no_checkpoint_is_ahead_of_what_redis_has_taken(
    attempts: Attempts, redis_client: Redis, tmp_path: Path
) -> None:
    first = attempts.launch(**SLOW)
    wait(lambda: len(attempts.events("checkpoint")) > 2)
    redis_client.config_set("maxmemory", "1")  # full: no write is taken
    time.sleep(1.0)  # time for ten epochs
    first.kill()
    first.wait()
    redis_client.config_set("maxmemory", "0")
    saved = [int(file.name.split("-")[3]) for file in tmp_path.rglob("attempt-0001-step-*.pt")]
    assert max(saved) <= max(attempts.steps()) + 1
    second = attempts.start(2)
    wait(lambda: attempts.steps(2))
    assert attempts.steps(2)[0] == max(saved)
    second.kill()


def test_training_stands_still_while_its_lease_is_not_renewed(attempts: Attempts) -> None:
    process = attempts.launch(strategy="joint", **SLOW)
    wait(lambda: len(attempts.steps()) > 5)
    attempts.lease(-1)
    wait(lambda: attempts.events("log"))
    stood = attempts.steps()
    time.sleep(0.3)
    assert attempts.steps() == stood
    attempts.lease(60)
    wait(lambda: len(attempts.steps()) > len(stood) + 5)
    attempts.lease(-1)
    wait(lambda: len(attempts.events("log")) == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 75
    assert len(attempts.events("checkpoint")) == len(attempts.steps()) // 16


def test_an_attempt_ends_with_75_once_a_later_one_wrote(attempts: Attempts, redis_client: Redis) -> None:
    process = attempts.launch(strategy="joint", **SLOW)
    wait(lambda: len(attempts.steps()) > 5)
    redis_client.xadd(keys.records("r"), {"x": b""}, id="2-0")
    assert process.wait(30) == 75


def local(spec: dict[str, Any], *more: str) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "trainer.run", "--local", "-", *more]
    done = nursery.run(command, 180, input=json.dumps(spec).encode())
    return done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_without_servers_a_run_tells_its_progress_and_a_table_as_lines_of_json() -> None:
    code, lines = local({**BASE, "strategy": "ogm-ge", "step_delay_ms": 10})
    assert code == 0
    kinds = [line["kind"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-2:] == ["summary", "finished"]
    steps = [line["step"] for line in lines if line["kind"] == "progress"]
    assert steps == sorted(steps)
    assert len(steps) >= 2
    table = lines[-2]["data"]
    assert {"loss", "rho.fast", "val.accuracy", "test.accuracy"} <= table["values"].keys()
    assert table["best"].keys() == {"val.accuracy", "step"}


def test_without_servers_a_specification_that_does_not_fit_is_refused_with_code_2() -> None:
    code, (line,) = local({**BASE, "strategy": "ogm", "alpha": -1})
    assert (code, line["kind"]) == (2, "refused")
    assert [e["field"] for e in line["data"]["errors"]] == ["alpha"]


def test_without_servers_an_interrupt_stops_the_run_in_order(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({**BASE, **SLOW, "strategy": "joint"}))
    command = [sys.executable, "-m", "trainer.run", "--local", str(file)]
    with nursery.begin(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["kind"] == "progress":
                process.send_signal(signal.SIGINT)
                break
        last = json.loads(process.stdout.readlines()[-1])
    assert process.returncode == 0
    assert (last["kind"], last["data"]["state"]) == ("finished", "stopped")
