"""Commands, the deadline and signals are seen between two steps; looking for them costs next to nothing."""

import struct
import time
from pathlib import Path

import pytest
from recorded import Memory, Trained
from redis import Redis

from rhoscope import keys
from rhoscope.commands import Command
from trainer.attempt.controls import Controls
from trainer.attempt.session import LostLease
from trainer.connection import connect

SPEC = {
    "strategy": "ogm-ge",
    "dataset": "synthetic",
    "train_size": 128,
    "batch_size": 16,
    "epochs": 3,
    "device": "cpu",
}


class At(Controls):
    """Gives commands before given steps."""

    def __init__(self, commands: dict[int, Command], deadline_file: Path | None = None) -> None:
        super().__init__(deadline_file)
        self._planned = commands
        self._step = 0

    @property
    def attention(self) -> bool:
        if self._step in self._planned:
            self.add(self._planned[self._step], f"{self._step + 1}-0")
        self._step += 1
        return super().attention


def command(verb: str, **settings: object) -> Command:
    return Command.model_validate(
        {"id": "c1", "verb": verb, "settings": settings, "who": "ada", "time": time.time()}
    )


def test_a_live_setting_changes_exactly_at_its_step_and_is_told() -> None:
    plain = Trained(SPEC)
    changed = Trained(SPEC, controls=At({10: command("set", alpha=0.1, lr=0.01)}))
    (alpha, lr) = changed.sink.of("setting")
    assert (alpha.step, alpha.data) == (
        10,
        {"setting": "alpha", "old": 1.5, "new": 0.1, "who": "ada", "command": "c1"},
    )
    assert (lr.data["setting"], lr.data["old"], lr.data["new"]) == ("lr", 0.05, 0.01)
    for name in ("loss", "k.fast", "lr"):
        before, after = plain.sink.series(name), changed.sink.series(name)
        assert (before[:10] == after[:10]).all()
    assert (changed.sink.series("lr")[9:11] == pytest.approx([0.05, 0.01], rel=1e-6)) is True
    assert not (plain.sink.series("loss")[11:] == changed.sink.series("loss")[11:]).any()


@pytest.mark.parametrize("settings", [{"alpha": -1}, {"alpha": "much"}, {"nothing": 1}, {"batch_size": 8}])
def test_a_setting_that_does_not_fit_changes_nothing_and_says_so(settings: dict[str, object]) -> None:
    plain = Trained(SPEC)
    tried = Trained(SPEC, controls=At({5: command("set", **settings)}))
    assert tried.outcome.state == "completed"
    assert tried.sink.of("setting") == []
    (line,) = [e.data["line"] for e in tried.sink.of("log")]
    assert next(iter(settings)) in line
    assert (plain.sink.series("loss") == tried.sink.series("loss")).all()


@pytest.mark.parametrize(("verb", "state"), [("stop", "stopped"), ("pause", "paused")])
def test_stop_and_pause_end_the_run_before_the_next_step_with_a_checkpoint(
    verb: str, state: str, tmp_path: Path
) -> None:
    ended = Trained(SPEC, controls=At({10: command(verb)}), folder=tmp_path)
    assert (ended.outcome.state, ended.sink.steps()) == (state, list(range(10)))
    assert "step 10 by ada" in ended.outcome.reason
    assert [e.step for e in ended.sink.of("checkpoint")] == [8, 10]


def test_a_checkpoint_can_be_asked_for(tmp_path: Path) -> None:
    request = Trained(SPEC, controls=At({3: command("checkpoint")}), folder=tmp_path)
    assert [e.step for e in request.sink.of("checkpoint")] == [3, 8, 16, 24]
    assert request.outcome.state == "completed"


def test_a_resumed_run_keeps_changed_settings_and_reads_on_after_the_last_command_it_saw(
    tmp_path: Path,
) -> None:
    Trained(SPEC, controls=At({4: command("set", alpha=0.3), 6: command("pause")}), folder=tmp_path)
    controls = Controls()
    resumed = Trained(SPEC, attempt=2, folder=tmp_path, controls=controls)
    assert resumed.session.parts.values()["alpha"] == 0.3
    assert controls.cursor == "7-0"
    assert resumed.sink.steps() == list(range(6, 24))


def test_no_step_is_taken_past_the_deadline_and_training_goes_on_when_it_moves(tmp_path: Path) -> None:
    file = tmp_path / "deadline"
    write(file, time.monotonic() - 1)

    class Renewed(Memory):
        """Renews the lease 0.2 s after training said that it waits."""

        def put(self, event: object) -> None:
            super().put(event)  # type: ignore[arg-type]
            if self.events[-1].kind == "log":
                assert self.blocks == []
                self.waited = time.monotonic()
                time.sleep(0.2)
                write(file, time.monotonic() + 60)

    sink = Renewed()
    trained = Trained(SPEC, controls=Controls(file), sink=sink)
    assert trained.outcome.state == "completed"
    assert sink.steps() == list(range(24))
    assert sink.blocks[0].header.times[0] > 0
    assert len(sink.of("log")) == 1


def test_a_deadline_file_of_zeros_lets_no_step_through_until_told_to_end(tmp_path: Path) -> None:
    file = tmp_path / "deadline"
    write(file, 0.0)

    class Ended(Memory):
        def put(self, event: object) -> None:
            super().put(event)  # type: ignore[arg-type]
            if self.events[-1].kind == "log":
                controls.terminated = True

    controls = Controls(file)
    sink = Ended()
    with pytest.raises(LostLease):
        Trained(SPEC, controls=controls, sink=sink, folder=tmp_path / "checkpoints")
    assert sink.steps() == []
    assert sink.of("checkpoint") == []


def test_told_to_end_with_its_lease_in_hand_a_run_leaves_a_checkpoint_and_no_outcome(tmp_path: Path) -> None:
    controls = At({})
    controls.terminated = True
    sink = Memory()
    with pytest.raises(LostLease):
        Trained(SPEC, controls=controls, sink=sink, folder=tmp_path)
    assert [e.step for e in sink.of("checkpoint")] == [0]
    assert sink.of("finished") == []


def test_commands_come_from_the_stream_in_order_and_nonsense_is_passed_over(
    redis_url: str, redis_client: Redis
) -> None:
    given = [command("set", alpha=0.3), command("checkpoint"), command("stop")]
    redis_client.xadd(keys.commands("r"), {"c": given[0].model_dump_json()}, id="1-0")
    redis_client.xadd(keys.commands("r"), {"c": "{nonsense"}, id="2-0")
    redis_client.xadd(keys.commands("r"), {"c": given[1].model_dump_json()}, id="3-0")
    controls = Controls()
    controls.cursor = "1-0"
    controls.listen(connect(redis_url), "r")
    assert taken(controls) == given[1]
    redis_client.xadd(keys.commands("r"), {"c": given[2].model_dump_json()}, id="4-0")
    assert taken(controls) == given[2]
    assert controls.cursor == "4-0"


def test_looking_costs_microseconds(tmp_path: Path) -> None:
    file = tmp_path / "deadline"
    write(file, time.monotonic() + 60)
    controls = Controls(file)
    started = time.perf_counter()
    for _ in range(10_000):
        assert not controls.attention
    assert (time.perf_counter() - started) / 10_000 < 20e-6


def write(file: Path, until: float) -> None:
    """As the agent does: the same eight bytes, in place."""
    if file.exists():
        with file.open("r+b") as opened:
            opened.write(struct.pack("<d", until))
    else:
        file.write_bytes(struct.pack("<d", until))


def taken(controls: Controls) -> Command | None:
    deadline = time.monotonic() + 5
    while not controls.attention and time.monotonic() < deadline:
        time.sleep(0.01)
    for entry, command in controls.waiting():
        controls.settle(entry)
        return command
    return None


def test_the_strategy_itself_changes_at_its_step_and_its_series_come_from_there() -> None:
    plain = Trained(SPEC | {"strategy": "joint"})
    changed = Trained(
        SPEC | {"strategy": "joint"}, controls=At({10: command("set", strategy="ogm-ge", alpha=0.4)})
    )
    answer, alpha = changed.sink.of("setting")
    assert (answer.step, answer.data["old"], answer.data["new"]) == (10, "joint", "ogm-ge")
    assert (alpha.data["old"], alpha.data["new"]) == (1.5, 0.4)
    assert "alpha" not in answer.data["before"]
    assert answer.data["settings"]["alpha"] == 1.5
    first, second = changed.sink.of("started")
    assert second.step == 10
    assert {s["name"] for s in second.data["series"]} > {s["name"] for s in first.data["series"]}
    noise = [block for block in changed.sink.blocks if "noise_std.fast" in block.header.names]
    assert [int(step) for block in noise for step in block.steps] == list(range(10, 24))
    assert (plain.sink.series("loss")[:11] == changed.sink.series("loss")[:11]).all()
    assert not (plain.sink.series("loss")[12:] == changed.sink.series("loss")[12:]).any()


def test_changing_the_strategy_to_what_it_is_changes_nothing_but_its_name() -> None:
    """Joint training and OGM with alpha 0 are the same arithmetic."""
    plain = Trained(SPEC | {"strategy": "joint"})
    changed = Trained(
        SPEC | {"strategy": "joint"}, controls=At({10: command("set", strategy="ogm", alpha=0.0)})
    )
    assert (plain.sink.series("loss") == changed.sink.series("loss")).all()


@pytest.mark.parametrize("strategy", ["umt", "gradient-blending", "nothing"])
def test_a_strategy_that_a_running_network_can_not_be_given_changes_nothing(strategy: str) -> None:
    plain = Trained(SPEC)
    tried = Trained(SPEC, controls=At({5: command("set", strategy=strategy)}))
    assert tried.sink.of("setting") == []
    assert "not changed" in tried.sink.of("log")[0].data["line"]
    assert (plain.sink.series("loss") == tried.sink.series("loss")).all()


def test_a_run_paused_after_a_change_of_strategy_goes_on_with_the_new_one(tmp_path: Path) -> None:
    changes = {6: command("set", strategy="ogm", alpha=0.7)}
    whole = Trained(SPEC, controls=At(dict(changes)))
    first = Trained(SPEC, folder=tmp_path, controls=At(changes | {12: command("pause")}))
    assert first.outcome.state == "paused"
    second = Trained(SPEC, attempt=2, folder=tmp_path)
    assert second.session.parts.spec.strategy == "ogm"
    assert (whole.sink.series("loss")[12:] == second.sink.series("loss")).all()
    assert (whole.sink.series("k.fast")[12:] == second.sink.series("k.fast")).all()


def test_a_run_told_to_pause_after_some_steps_takes_exactly_these(tmp_path: Path) -> None:
    whole = Trained(SPEC)
    first = Trained(SPEC, folder=tmp_path, controls=At({5: pause_at(9)}))
    assert (first.outcome.state, first.sink.steps()) == ("paused", list(range(9)))
    second = Trained(SPEC, attempt=2, folder=tmp_path, controls=At({0: pause_at(10)}))
    assert second.sink.steps() == [9]
    third = Trained(SPEC, attempt=3, folder=tmp_path, controls=At({0: command("resume")}))
    assert (whole.sink.series("loss")[10:] == third.sink.series("loss")).all()


def pause_at(step: int) -> Command:
    return Command(id="p", verb="pause", step=step, time=time.time())
