"""What modulation, measurements and telemetry cost a step: `make bench-overhead`.

    python -m benchmarks.overhead [--steps 200] [--resnet-steps 20] [--batch 64] [--pixels 64] [--quick]

On two networks, that of AV-digits and two ResNet-18s at batch 16: a loop written as the official code does
it, and every strategy with all that a run measures by default, rows put into a ring; on AV-digits OGM-GE also
with a real publisher and a real server behind it. Each takes its steps in turn with plain PyTorch (forward,
loss, backward, update), so that whatever else the machine does hits both alike; a ratio is formed of
neighbors, and its median told, steps that measure effects weighed as often as they come. On a CPU the time is
the training thread's own on its one core. Operators are
counted as the profiler counts them, and so is the memory held at most, both in a step that measures no
effects. `--quick`: AV-digits, few steps.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch

from benchmarks.rig import steps
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.steps import Made, Way
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.torch.ring import Ring
from trainer.attempt.loop import is_due
from trainer.attempt.session import HOST_SERIES
from trainer.plugins import sources
from trainer.telemetry.publisher import Publisher
from trainer.training import Training

QUICK = {"steps": 3, "resnet_steps": 0}
DETAILED = "ogm-ge"
Make = Callable[[str], Made]


def ways(make: Make, training: Training, publisher: Publisher | None) -> Iterator[Way]:
    """The official code's two loops, and every strategy; one at a time, since each has weights of its own."""
    yield Way("official OGM", make("joint"), training, partial(steps.official, noisy=False))
    yield Way("official OGM-GE", make("joint"), training, partial(steps.official, noisy=True))
    for name in sources("strategy"):
        made = make(name)
        yield Way(name, made, training, made.strategy.step, ring(made, None))
        if name == DETAILED and publisher:
            yield Way(f"{name}, telemetry", made, training, made.strategy.step, ring(made, publisher))


def ring(made: Made, publisher: Publisher | None) -> Ring:
    """Where a way's rows go: to a publisher, or nowhere."""
    device = next(made.model.parameters()).device
    hand_on = publisher.rows if publisher else lambda _rows: None
    return Ring(steps.dense(made), HOST_SERIES, device, hand_on)


def ratio(way: Way, plain: Way, count: int) -> tuple[float, float, float]:
    """Time of a step as a multiple of the plain one's, the latter's seconds, and quartiles' distance."""
    for one in (plain, way) * 2:
        one.step()
    usual: list[float] = []
    with_effects: list[float] = []
    base: list[float] = []
    for _ in range(count):
        effects = is_due(way.training.effects_every, way.taken)
        pair = [_seconds(plain), _seconds(way)]
        base.append(pair[0])
        (with_effects if effects else usual).append(pair[1] / pair[0])
    low, middle, high = statistics.quantiles(usual, n=4)
    share = 1 / way.training.effects_every if with_effects else 0.0
    seldom = statistics.median(with_effects) if with_effects else 0.0
    return (1 - share) * middle + share * seldom, statistics.median(base), high - low


def _seconds(way: Way) -> float:
    clock = steps.clock(way.made.model)
    began = clock()
    way.step()
    return clock() - began


def table(name: str, make: Make, training: Training, count: int, publisher: Publisher | None) -> list[str]:
    """One network's two tables."""
    plain = Way("plain", make("joint"), training, steps.plain)
    lines = [
        f"## {name}, batch {training.batch_size}",
        "",
        "| way | time, of the plain step's | quartiles' distance | memory, of the plain step's | operators |",
        "| --- | --- | --- | --- | --- |",
    ]
    detailed: list[str] = []
    base: list[float] = []
    most = 0
    for way in ways(make, training, publisher):
        times, seconds, spread = ratio(way, plain, count)
        base.append(seconds)
        most = most or plain.peak()
        memory = way.peak() / most
        lines.append(f"| {way.name} | {times:.3f} | {spread:.3f} | {memory:.3f} | {way.operators()} |")
        if way.name == DETAILED:
            each = way.seconds_by_part(max(10, count // 2))
            detailed = [f"| {part} | {1e3 * s:.2f} | {100 * s / seconds:.1f} % |" for part, s in each.items()]
    lines.insert(4, f"| plain | 1 | | 1 | {plain.operators()} |")
    step_ms = 1e3 * statistics.median(base)
    return [
        *lines,
        "",
        f"Where the time of {DETAILED} goes, beside a plain step of {step_ms:.1f} ms:",
        "",
        "| part | ms a step | of the plain step |",
        "| --- | --- | --- |",
        *detailed,
        "",
    ]


def report(given: argparse.Namespace, publisher: Publisher) -> list[str]:
    """A page of Markdown."""
    small, large = (Training(device=given.device, batch_size=n) for n in (given.batch, given.resnet_batch))
    lines = [
        *heading("Cost of modulation, measurements and telemetry", "overhead", given),
        f"{given.device}, {torch.get_num_threads()} thread(s), PyTorch {torch.__version__}; "
        f"{given.steps:g} steps of each way on AV-digits, {given.resnet_steps:g} on ResNet-18s.",
        "",
        *table("AV-digits", partial(steps.av_digits, training=small), small, int(given.steps), publisher),
    ]
    if given.resnet_steps:
        make = partial(steps.resnets, training=large, pixels=given.pixels)
        name = f"Two ResNet-18s, 3 x {given.pixels} x {given.pixels}"
        lines += table(name, make, large, int(given.resnet_steps), None)
    return lines


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--steps", type=int, default=200, help="of each way on AV-digits")
    line.add_argument("--resnet-steps", type=int, default=20, help="of each way on ResNet-18s; 0: none")
    line.add_argument("--batch", type=int, default=64, help="of AV-digits")
    line.add_argument("--resnet-batch", type=int, default=16)
    line.add_argument("--pixels", type=int, default=64, help="of the ResNet-18s' square pictures")
    line.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = options(line, "overhead", QUICK)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        server = embedded.start(environment)
        publisher = Publisher(environment.broker_url, "bench", 1)
        lines = report(given, publisher)
        publisher.close()
        end(server)
    publish(lines, "overhead", given)


if __name__ == "__main__":
    main()
