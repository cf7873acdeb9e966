"""What a run of every strategy with every fusion must do; by discovery, so a new file is tested too."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from combined import ONCE, small
from recorded import Memory, PauseAt, Trained
from torch import Tensor

from rhoscope.commands import Command
from trainer.attempt.controls import Controls
from trainer.plugins import sources


def declared(sink: Memory, *, sparse: bool) -> set[str]:
    (started,) = sink.of("started")
    return {s["name"] for s in started.data["series"] if s["sparse"] == sparse}


def same(one: Memory, other: Memory, start: int = 0) -> bool:
    """Whether every series of `other` is `one`'s from step `start` on, bit for bit, but for the clock's."""
    return one.names() == other.names() and all(
        np.array_equal(one.series(name)[start:], other.series(name)) for name in one.names() - {"throughput"}
    )


@cache
def whole(spec: str) -> Trained:
    """The run of this specification (JSON) without an interruption, for all tests that compare with it."""
    return Trained(json.loads(spec))


def ordered(verb: Literal["pause", "resume"], step: int | None = None) -> Controls:
    """One command from the beginning on."""
    controls = Controls()
    controls.add(Command(id="c", verb=verb, step=step, time=0.0), "1-1")
    return controls


def test_a_run_emits_exactly_what_it_declares_and_all_of_it_is_finite(
    any_spec: dict[str, Any],
) -> None:
    trained = whole(json.dumps(any_spec))
    sink = trained.sink
    assert trained.outcome.state == "completed"
    assert sink.names() == declared(sink, sparse=False)
    assert set(sink.sparse()) == declared(sink, sparse=True)
    assert sink.steps() == list(range(4))
    assert all(np.isfinite(sink.series(name)).all() for name in sink.names())
    assert all(math.isfinite(v) for values in sink.sparse().values() for v in values)


def test_another_seed_gives_another_run(spec: dict[str, Any]) -> None:
    expected, other = (
        whole(json.dumps(spec)).sink,
        Trained(spec | {"seed": 1}, controls=ordered("pause", 1)).sink,
    )
    assert other.steps() == [0]
    assert expected.series("loss")[0] != other.series("loss")[0]


def check_resumed(spec: dict[str, Any], folder: Path, *pauses: Controls) -> None:
    """The run that these pause, one attempt each, has the bits of the whole one after them."""
    expected = whole(json.dumps(spec))
    steps: list[int] = []
    for attempt, controls in enumerate(pauses, 1):
        part = Trained(spec, attempt=attempt, folder=folder, controls=controls)
        assert part.outcome.state == "paused"
        steps += part.sink.steps()
    last = Trained(spec, attempt=len(pauses) + 1, folder=folder, controls=ordered("resume"))
    count = spec["epochs"] * spec["train_size"] // spec["batch_size"]
    assert steps + last.sink.steps() == list(range(count))
    assert same(expected.sink, last.sink, start=len(steps))
    assert {k: v[-1] for k, v in last.sink.sparse().items()} == {
        k: v[-1] for k, v in expected.sink.sparse().items()
    }
    assert equal(expected.weights(), last.weights())


@pytest.mark.parametrize(("strategy", "fusion", "modalities"), ONCE)
def test_a_run_interrupted_after_an_epoch_or_within_one_ends_with_the_same_bits(
    strategy: str, fusion: str, modalities: int, tmp_path: Path
) -> None:
    """By turns, so that each strategy and each fusion are interrupted in either way.

    Which is why the same seed gives the same run, too.
    """
    turn = [*sources("strategy")].index(strategy) + [*sources("fusion")].index(fusion)
    check_resumed(small(strategy, fusion, modalities), tmp_path, ordered("pause", 1 + turn % 2))


@pytest.mark.parametrize("strategy", [strategy for strategy, fusion, _ in ONCE if fusion == "concat"])
def test_a_run_interrupted_after_an_epoch_and_then_within_one_ends_with_the_same_bits(
    strategy: str, tmp_path: Path
) -> None:
    check_resumed(small(strategy, "concat", 2), tmp_path, PauseAt(2), PauseAt(1))


@pytest.mark.parametrize("at", [0, 4, 10, 15, 22])
@pytest.mark.parametrize(
    "more", [{"strategy": "gradient-blending"}, {"strategy": "umt", "baseline_epochs": 2}]
)
def test_a_run_interrupted_in_a_rehearsal_ends_with_the_same_bits(
    more: dict[str, Any], at: int, tmp_path: Path
) -> None:
    check_resumed(small(fusion="concat", modalities=2, train_size=64, **more), tmp_path, PauseAt(at))


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
