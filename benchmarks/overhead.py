"""What modulation and telemetry cost a step: `make bench-overhead`.

    python -m benchmarks.overhead [--rounds 200] [--batch 64] [--device cpu] [--quick]

Five ways to take a step with the same model and batch: plain PyTorch (forward, loss, backward, update); joint
training, which measures every modality besides; OGM-GE; OGM-GE with gradient norms by layer; OGM-GE with
those and telemetry, that is the real ring, publisher and a real Valkey server. They take turns in one
process, a few steps each, so that whatever else the machine does hits all alike; a ratio is formed within
each round, and the median over rounds told.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from benchmarks.rig.page import heading, options, parser, publish
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import Ring
from trainer.attempt.assembly import Parts, build
from trainer.attempt.session import HOST_SERIES
from trainer.strategy import Step
from trainer.telemetry.publisher import Publisher

STEPS = 5
QUICK = {"rounds": 4, "warm_up": 1}


@dataclass
class Way:
    """One way to train: its parts, and what is done with each step's row."""

    name: str
    parts: Parts
    take: Callable[[Step], dict[str, torch.Tensor]]
    tell: Callable[[int, dict[str, torch.Tensor]], object]
    layers: bool = False
    taken: int = 0

    def block(self) -> float:
        """Seconds per step over a block of steps on one batch."""
        parts = self.parts
        layers = parts.layers if self.layers else None
        inputs, target = next(parts.splits["train"].batches([torch.arange(parts.training.batch_size)]))
        _wait(parts.device)
        started = time.perf_counter()
        for _ in range(STEPS):
            step = Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0, layers=layers)
            self.tell(self.taken, self.take(step))
            self.taken += 1
        _wait(parts.device)
        return (time.perf_counter() - started) / STEPS


def measure(ways: list[Way], rounds: int, warm_up: int) -> dict[str, list[float]]:
    """Seconds per step of each way in each round, the order turned from round to round."""
    for way in ways * warm_up:
        way.block()
    times: dict[str, list[float]] = {way.name: [] for way in ways}
    for turn in range(rounds):
        start = turn % len(ways)
        for way in ways[start:] + ways[:start]:
            times[way.name].append(way.block())
    return times


def report(times: dict[str, list[float]], given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    pairs = [
        ("joint", "plain"),
        ("OGM-GE", "plain"),
        ("OGM-GE, layers", "OGM-GE"),
        ("OGM-GE, telemetry", "OGM-GE"),
        ("OGM-GE, telemetry", "plain"),
    ]
    rows = [f"| {name} | {statistics.median(t) * 1e3:.3f} | {_spread(t)} |" for name, t in times.items()]
    ratios = []
    for above, below in pairs:
        each = [a / b for a, b in zip(times[above], times[below], strict=True)]
        low, high = statistics.quantiles(each, n=4)[0], statistics.quantiles(each, n=4)[2]
        ratios.append(f"| {above} / {below} | {statistics.median(each):.3f} | {low:.3f} to {high:.3f} |")
    device = torch.cuda.get_device_name() if given.device == "cuda" else platform.machine()
    return [
        *heading("Cost of modulation and telemetry", "overhead", given),
        f"AV-digits, batch {given.batch}; {given.rounds} rounds of {STEPS} steps each, taking turns.",
        f"{given.device} ({device}), {torch.get_num_threads()} thread(s), PyTorch {torch.__version__}.",
        "",
        "| way | median ms/step | quartiles |",
        "| --- | --- | --- |",
        *rows,
        "",
        "| ratio | median | quartiles |",
        "| --- | --- | --- |",
        *ratios,
        "",
    ]


def _spread(times: list[float]) -> str:
    quartiles = statistics.quantiles(times, n=4)
    return f"{quartiles[0] * 1e3:.3f} to {quartiles[2] * 1e3:.3f}"


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _way(name: str, strategy: str, given: argparse.Namespace, publisher: Publisher | None = None) -> Way:
    settings = {"device": given.device, "batch_size": given.batch}
    parts = build(RunSpec(strategy=strategy, settings=settings))
    parts.model.train()
    if publisher is None:
        take = plain if name == "plain" else parts.strategy.step
        return Way(name, parts, take, lambda _step, _values: None, layers=name.endswith("layers"))
    names = tuple(s.name for s in parts.series if not s.sparse and s.name not in HOST_SERIES)
    ring = Ring(names, HOST_SERIES, parts.device, publisher.rows)

    def tell(step: int, values: dict[str, torch.Tensor]) -> None:
        ring.append(step, values, {"lr": 0.05, "throughput": 0.0})

    return Way(name, parts, parts.strategy.step, tell, layers=True)


def plain(step: Step) -> dict[str, torch.Tensor]:
    """A training step as anybody writes it, measuring nothing."""
    step.optimizer.zero_grad(set_to_none=True)
    cross_entropy(step.model(step.inputs).logits, step.target).backward()
    step.optimizer.step()
    return {}


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--rounds", type=int, default=200)
    line.add_argument("--warm-up", type=int, default=10, help="rounds before those that count")
    line.add_argument("--batch", type=int, default=64)
    line.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = options(line, "overhead", QUICK)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        server = embedded.start(environment)
        publisher = Publisher(environment.broker_url, "bench", 1)
        ways = [
            _way("plain", "joint", given),
            _way("joint", "joint", given),
            _way("OGM-GE", "ogm-ge", given),
            _way("OGM-GE, layers", "ogm-ge", given),
            _way("OGM-GE, telemetry", "ogm-ge", given, publisher),
        ]
        lines = report(measure(ways, given.rounds, given.warm_up), given)
        publisher.close()
        end(server)
    publish(lines, "overhead", given)


if __name__ == "__main__":
    main()
