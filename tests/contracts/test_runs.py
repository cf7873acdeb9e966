"""What a run of every strategy with every fusion must do; by discovery, so a new file is tested too."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from combined import small
from recorded import Memory, PauseAt, Trained
from torch import Tensor


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


def begun(spec: dict[str, Any]) -> Trained:
    """The first steps of a run; all of them, where rehearsals come first."""
    first = Trained(spec, controls=PauseAt(4))
    return first if first.sink.blocks else Trained(spec)


def test_a_run_emits_exactly_what_it_declares_and_all_of_it_is_finite(spec: dict[str, Any]) -> None:
    trained = whole(json.dumps(spec))
    sink = trained.sink
    assert trained.outcome.state == "completed"
    assert sink.names() == declared(sink, sparse=False)
    assert set(sink.sparse()) == declared(sink, sparse=True)
    assert sink.steps() == list(range(8))
    assert all(np.isfinite(sink.series(name)).all() for name in sink.names())
    assert all(math.isfinite(v) for values in sink.sparse().values() for v in values)


def test_another_seed_gives_another_run(spec: dict[str, Any]) -> None:
    expected, other = whole(json.dumps(spec)).sink, begun(spec | {"seed": 1}).sink
    steps = other.steps()
    assert steps == list(range(len(steps))) != []
    assert not np.array_equal(expected.series("loss")[: len(steps)], other.series("loss"))


def check_resumed(spec: dict[str, Any], pauses: list[int], folder: Path) -> None:
    """The run, paused after each of these numbers of steps of an attempt, has the bits of the whole one."""
    expected = whole(json.dumps(spec))
    steps: list[int] = []
    for attempt, at in enumerate(pauses, 1):
        part = Trained(spec, attempt=attempt, folder=folder, controls=PauseAt(at))
        assert part.outcome.state == "paused"
        steps += part.sink.steps()
    taken = len(steps)
    last = Trained(spec, attempt=len(pauses) + 1, folder=folder)
    count = spec["epochs"] * spec["train_size"] // spec["batch_size"]
    assert steps + last.sink.steps() == list(range(count))
    assert same(expected.sink, last.sink, start=taken)
    assert {k: v[-1] for k, v in last.sink.sparse().items()} == {
        k: v[-1] for k, v in expected.sink.sparse().items()
    }
    assert equal(expected.weights(), last.weights())


def test_a_run_interrupted_after_an_epoch_and_within_one_ends_with_the_same_bits(
    spec: dict[str, Any], tmp_path: Path
) -> None:
    """Which is why the same seed gives the same run, too."""
    check_resumed(spec, [4, 1], tmp_path)


@pytest.mark.parametrize("at", [0, 9, 20, 30, 45])
@pytest.mark.parametrize(
    "more", [{"strategy": "gradient-blending"}, {"strategy": "umt", "baseline_epochs": 2}]
)
def test_a_run_interrupted_in_a_rehearsal_ends_with_the_same_bits(
    more: dict[str, Any], at: int, tmp_path: Path
) -> None:
    check_resumed(small(fusion="concat", modalities=2, train_size=128, **more), [at], tmp_path)


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
