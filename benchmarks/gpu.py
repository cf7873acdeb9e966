"""Everything about a step that only a card can say, in one command: `make gpu`.

    python -m benchmarks.gpu [--device auto] [--batch 64] [--pixels 224] [--steps 30] [--quick]

Whether a step of any strategy waits for the card; the cost of modulation on two ResNet-18s in float32, in
bfloat16 and compiled; its memory; an epoch beside a loop written as the official code does it; whether copies
come from pinned memory; and whether an interrupted run goes on to the bit. Without a card every part runs on
the CPU as far as that goes, by default with smaller numbers, and the page says per part what ran where.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.overhead import ratio, ring
from benchmarks.rig import card, steps
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.steps import Made, Way
from trainer.plugins import sources
from trainer.training import Training

QUICK: dict[str, float] = {"steps": 2, "epoch_steps": 2, "batch": 4, "pixels": 16}
ON_CPU: dict[str, int] = {"batch": 8, "pixels": 32, "steps": 4, "epoch_steps": 8}
"""Numbers without a card, unless others are given."""
ON_CARD: dict[str, int] = {"batch": 64, "pixels": 224, "steps": 30, "epoch_steps": 60}
MODES: dict[str, dict[str, object]] = {
    "float32": {},
    "bfloat16": {"precision": "bfloat16"},
    "compiled": {"compile": True},
}
OFFICIAL = "official OGM-GE"
WAYS = (OFFICIAL, "joint", "ogm", "ogm-ge")
PRECISIONS = ("float32", "bfloat16")
ROUNDS = 3
LR = 1e-6
"""Hardly a step, since random pictures and noise would drive weights to NaN, at which the loop ends."""
Batch = tuple[dict[str, Tensor], Tensor]


class Setting(NamedTuple):
    """What all parts need: the device's type, and sizes."""

    device: str
    batch: int
    pixels: int
    steps: int
    epoch_steps: int
    brief: bool

    def training(self, **more: object) -> Training:
        """Settings of a loop."""
        fixed = {"device": self.device, "batch_size": self.batch, "lr": LR}
        return Training.model_validate({**fixed, **more})

    def made(self, name: str, training: Training) -> Made:
        """Two ResNet-18s with a strategy; the network of AV-digits for a quick look."""
        if self.brief:
            return steps.av_digits(name, training)
        return steps.resnets(name, training, self.pixels)

    def way(self, name: str, training: Training, *, unreal: bool = False) -> Way:
        """A way to take steps, with a ring where it is ours; `unreal`: on the device `meta`."""
        made = self.made("joint" if name in {"plain", OFFICIAL} else name, training)
        if unreal:
            made = steps.weightless(made)
        if name == "plain":
            return Way(name, made, training, steps.plain)
        if name == OFFICIAL:
            return Way(name, made, training, partial(steps.official, noisy=True))
        return Way(name, made, training, made.strategy.step, ring(made, None))


def waiting(setting: Setting) -> list[str]:
    """A row for each strategy."""
    names = ("plain", OFFICIAL, *sources("strategy"))
    ways = (setting.way(name, setting.training(), unreal=setting.device == "cpu") for name in names)
    steps = (1, 1) if setting.brief else (4, card.SETTLED)
    return [f"| {way.name} | {card.waits(way, *steps)} |" for way in ways]


def overhead(setting: Setting) -> list[str]:
    """A row for each way in each mode: time and memory, as multiples of the plain step's."""
    rows = []
    for mode, more in MODES.items():
        training = setting.training(**more)
        plain = setting.way("plain", training)
        most = plain.peak()
        for name in WAYS[-1:] if setting.brief and more else WAYS:
            way = setting.way(name, training)
            times, base, spread = ratio(way, plain, setting.steps)
            memory = way.peak() / most
            rows.append(
                f"| {mode} | {name} | {1e3 * base:,.1f} ms | {times:.3f} | {spread:.3f} | {memory:.3f} |"
            )
    return rows


def epochs(setting: Setting) -> list[str]:
    """Seconds of an epoch by each way, and its multiple of the official loop's; in turns."""
    training = setting.training()
    ways = {name: setting.way(name, training) for name in ("plain", *WAYS)}
    batches = [_host(ways["plain"].made, seed) for seed in range(min(setting.epoch_steps, 8))]
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(1 if setting.brief else ROUNDS):
        for name, way in ways.items():
            send = _pageable if name == OFFICIAL else _pinned
            taken[name].append(
                _epoch(way, (batches[i % len(batches)] for i in range(setting.epoch_steps)), send)
            )
    seconds = {name: statistics.median(each) for name, each in taken.items()}
    return [f"| {name} | {s:.2f} s | {s / seconds[OFFICIAL]:.3f} |" for name, s in seconds.items()]


def _host(made: Made, seed: int) -> Batch:
    """Random examples of these shapes, in the host's memory."""
    drawn = torch.Generator().manual_seed(seed)
    inputs, target = made.batch
    examples = {m: torch.randn(x.shape, generator=drawn) for m, x in inputs.items()}
    return examples, torch.randint(10, target.shape, generator=drawn)


def _pageable(tensor: Tensor, device: torch.device) -> Tensor:
    return tensor.to(device)


def _pinned(tensor: Tensor, device: torch.device) -> Tensor:
    """As our data sets send their batches."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def _epoch(way: Way, batches: Iterable[Batch], send: Callable[[Tensor, torch.device], Tensor]) -> float:
    device = next(way.made.model.parameters()).device
    clock = steps.clock(way.made.model)
    began = clock()
    for inputs, target in batches:
        sent = {m: send(x, device) for m, x in inputs.items()}, send(target, device)
        way.made = way.made._replace(batch=sent)
        way.step()
    return clock() - began


def copying(setting: Setting) -> list[str]:
    """A row for each kind of copy."""
    if setting.device != "cuda":
        return ["| no card: not measured | |"]
    result = card.copies(setting.way("ogm-ge", setting.training()), 20)
    return [f"| {name} | {count} |" for name, count in sorted(result.items())] or ["| none | 0 |"]


def resuming(setting: Setting) -> list[str]:
    """A row for each strategy and precision that is tried."""
    names = WAYS[-1:] if setting.brief else ("joint", *WAYS[-1:])
    tried = [(name, precision) for precision in PRECISIONS for name in names]
    return [f"| {name}, {kind} | {card.resumed(name, setting.device, kind)} |" for name, kind in tried]


def report(setting: Setting, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    on_card = setting.device == "cuda"
    where = torch.cuda.get_device_name() if on_card else "no card: the CPU, one thread"
    resnets = f"two ResNet-18s, 3 x {setting.pixels} x {setting.pixels}"
    networks = f"{'those of AV-digits' if setting.brief else resnets}, batch {setting.batch}"
    refused = "What the card refuses in its mode `error`"
    counted = "Operators that a host would wait for, on PyTorch's device `meta`, where a card's path is taken"
    compiled = "inductor" if on_card else "aot_eager, which makes no kernels"
    return [
        *heading("A step on a card", "gpu", given),
        f"{where}; PyTorch {torch.__version__}. Networks: {networks}.",
        "",
        *_part(
            "Waits of a step",
            f"{refused if on_card else counted}; settled steps, one of them with all measurements.",
            ("way", "waits"),
            waiting(setting),
        ),
        *_part(
            "Cost of modulation",
            f"On {where}: {setting.steps} steps of each in turn with the plain step; compiled by {compiled}.",
            (
                "mode",
                "way",
                "plain step",
                "time, of the plain step's",
                "quartiles' distance",
                "memory, of it",
            ),
            overhead(setting),
        ),
        *_part(
            "An epoch",
            f"On {where}: {setting.epoch_steps} batches from the host's memory, float32, median of "
            f"{1 if setting.brief else ROUNDS}.",
            ("way", "an epoch", "of the official loop's"),
            epochs(setting),
        ),
        *_part(
            "Copies between host and card",
            "20 steps of ogm-ge and its ring, as CUPTI names them; `Pageable` would make the host wait.",
            ("copy", "count"),
            copying(setting),
        ),
        *_part(
            "Resuming to the bit",
            f"On {where}: synthetic data, `deterministic`, interrupted, against a run that was not.",
            ("run", "the same bits"),
            resuming(setting),
        ),
    ]


def _part(title: str, about: str, columns: Sequence[str], rows: Sequence[str]) -> list[str]:
    head = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    return [f"## {title}", "", about, "", *head, *rows, ""]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    line.add_argument("--batch", type=int, help="examples of a step; 64 on a card")
    line.add_argument("--pixels", type=int, help="of the square pictures; 224 on a card")
    line.add_argument("--steps", type=int, help="of each way and mode; 30 on a card")
    line.add_argument("--epoch-steps", type=int, help="batches of an epoch; 60 on a card")
    given = options(line, "gpu", QUICK)
    there = torch.cuda.is_available()
    if given.device == "cuda" and not there:
        sys.exit("There is no card for --device cuda: PyTorch sees none. Leave the option out for the CPU.")
    device = "cuda" if there and given.device != "cpu" else "cpu"
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before the first use of the card
    torch.set_num_threads(1)
    default = ON_CARD if device == "cuda" else ON_CPU
    sizes = {name: size if (size := vars(given)[name]) is not None else default[name] for name in default}
    publish(report(Setting(device, **sizes, brief=given.quick), given), "gpu", given)


if __name__ == "__main__":
    main()
