"""Cost of reporting from a loop that is not ours: `run.log`, and `Balance` beside the plain step.

    python -m benchmarks.guests [--quick]

Microseconds of `run.log` with 16 numbers; the time of an optimizer step of a pair of ResNet-18s as a multiple
of the plain step's (batch 16, 64 pixels, one thread, interleaved); and the operators that a step adds on a
device. `--quick`: a small network.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode

import rhoscope
from benchmarks.rig.page import heading, options, parser, publish
from rhoscope.tracker.run import Run
from trainer.encoders.resnet18 import ResNet18, ResNet18Settings

QUICK = {"calls": 2_000, "steps": 10}
FREE = set(
    "alias as_strided atleast_1d broadcast_tensors chunk detach detach_ diagonal empty "  # noqa: SIM905
    "empty_like empty_strided expand expand_as flatten narrow new_empty permute reshape "
    "resize_ resolve_conj result_type scalar_tensor select slice split split_with_sizes "
    "squeeze t transpose unbind unsqueeze view _reshape_alias _unsafe_view".split()
)
"""Operators that start no kernel."""
STRATEGIES = ("watch", "ogm", "ogm-ge")


def logging_us(calls: int) -> dict[str, float]:
    """Microseconds of `run.log` with 16 numbers, median and 99th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        run = rhoscope.init("benchmark", dir=folder, mode="offline")
        values = {f"series.{i}": float(i) for i in range(16)}
        taken = []
        for step in range(calls):
            began = time.perf_counter()
            run.log(values, step)
            taken.append(1e6 * (time.perf_counter() - began))
        run.finish()
    return {"median": statistics.median(taken), "p99": statistics.quantiles(taken, n=100)[98]}


class Pair(nn.Module):
    """Two encoders and a linear head over their features."""

    def __init__(self, make: Callable[[], nn.Module], width: int) -> None:
        super().__init__()
        self.a, self.b = make(), make()
        self.head = nn.Linear(2 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.cat([self.a(x), self.b(x)], 1))
        return logits


def resnets() -> Pair:
    """What is measured."""
    return Pair(lambda: ResNet18((3, 64, 64), ResNet18Settings()), 512)


def linear() -> Pair:
    """What a quick look takes."""
    return Pair(lambda: nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 64), nn.ReLU()), 64)


def _loop(pair: Pair, strategy: str | None, x: Tensor, y: Tensor) -> Callable[[], float]:
    optimizer = torch.optim.SGD(pair.parameters(), lr=0.01, momentum=0.9)
    encoders = {"a": pair.a, "b": pair.b}
    balance = (
        rhoscope.Balance(encoders, head=pair.head, optimizer=optimizer, strategy=strategy)
        if strategy
        else None
    )

    def step() -> float:
        began = time.perf_counter()
        optimizer.zero_grad()
        loss = cross_entropy(pair(x), y)
        if balance:
            balance.observe(y)
        loss.backward()
        optimizer.step()
        return time.perf_counter() - began

    return step


def ratios(steps: int, *, quick: bool) -> dict[str, float]:
    """Median time of a step by strategy, as a multiple of the plain step's."""
    torch.set_num_threads(1)
    x, y = torch.randn(16, 3, 64, 64), torch.arange(16) % 10
    pair = linear if quick else resnets
    loops = {name: _loop(pair(), name or None, x, y) for name in ("", *STRATEGIES)}
    taken: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(steps):
        for name, step in loops.items():
            taken[name].append(step())
    return {name: statistics.median(taken[name]) / statistics.median(taken[""]) for name in STRATEGIES}


class Operators(TorchDispatchMode):
    """Counts operators that start kernels; views, and scalars of the host, start none."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += function.overloadpacket.__name__ not in FREE
        return function(*args, **(kwargs or {}))


def balanced(
    strategy: str,
    run: Run | None,
    watch: Callable[[], AbstractContextManager[Any]],
    device: str = "meta",
    make: Callable[[], Pair] = resnets,
) -> Any:
    """A settled step of the pair; `watch` sees what a balance adds to it, and is the answer.

    On the device that computes nothing, unless another is named. The row goes into the ring of a `run`.
    """
    with torch.device(device):
        pair = make()
        x, y = torch.zeros(16, 3, 64, 64), torch.zeros(16, dtype=torch.long)
    balance = rhoscope.Balance({"a": pair.a, "b": pair.b}, head=pair.head, strategy=strategy, run=run)
    for _ in range(3):
        pair.zero_grad()
        loss = cross_entropy(pair(x), y)
        loss.backward()
        with watch() as watched:
            balance.observe(y)
            balance.step()
    return watched


def operators(*, quick: bool) -> dict[str, int]:
    """Operators that a balance adds to a step of the pair."""
    make = linear if quick else resnets
    with tempfile.TemporaryDirectory() as folder:
        run = rhoscope.init("benchmark", dir=folder, mode="offline")
        counts = {one: balanced(one, run, Operators, make=make).count for one in STRATEGIES}
        run.finish()
    return counts


def report(logging: dict[str, float], ratio: dict[str, float], given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    added = operators(quick=given.quick)
    network = "two linear encoders" if given.quick else "two ResNet-18s, 3 × 64 × 64"
    return [
        *heading("Guests", "guests", given),
        f"A step of {network} at batch 16 on one thread, interleaved, as a multiple of the plain step "
        f"(median of {given.steps:g}); `run.log` of 16 numbers, {given.calls:,g} calls.",
        "",
        "| | |",
        "| --- | --- |",
        f"| `run.log`, median / p99 | {logging['median']:.1f} / {logging['p99']:.1f} µs |",
        *(f"| {strategy} / plain | {ratio[strategy]:.2f} |" for strategy in STRATEGIES),
        *(f"| operators that {strategy} adds | {count} |" for strategy, count in added.items()),
        "",
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--calls", type=int, default=20_000, help="of run.log")
    line.add_argument("--steps", type=int, default=40, help="of each way of training")
    given = options(line, "guests", QUICK)
    page = report(logging_us(given.calls), ratios(given.steps, quick=given.quick), given)
    publish(page, "guests", given)


if __name__ == "__main__":
    main()
