"""Checks that need a card to say all they can: waits of a step, copies, and resuming to the bit."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from recorded import PauseAt, Trained
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.rig.steps import Way

WAITS = {"_local_scalar_dense", "nonzero", "equal", "is_nonzero", "masked_select"}
"""Operators whose answer, or its shape, the host waits for."""
SETTLED = 3
"""Steps after which nothing is made that lasts."""


class Waits(TorchDispatchMode):
    """Counts operators that would wait for a device."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += function.overloadpacket.__name__ in WAITS
        return function(*args, **(kwargs or {}))


def waits(way: Way, steps: int, settled: int = SETTLED) -> str:
    """Waits of settled steps, one with effects among them: those that the card refuses, or those counted.

    A card stops at the first one, and the answer is its sentence. The device `meta` computes nothing and is
    treated as a card is; a loop that reads numbers can't go on there, and the answer says so.
    """
    device = next(way.made.model.parameters()).device
    if device.type != "cuda":
        return _counted(way, steps, settled)
    for _ in range(settled):
        way.step()
    torch.cuda.synchronize(device)
    try:
        with refused():
            for number in range(steps):
                way.step(number)
    except RuntimeError as error:
        return f"waits: {str(error).splitlines()[0]}"
    return "none"


def _counted(way: Way, steps: int, settled: int) -> str:
    counted = Waits()
    try:
        for _ in range(settled):
            way.step()
        with counted:
            for number in range(steps):
                way.step(number)
    except (RuntimeError, NotImplementedError):
        return "waits: it reads a number"
    return f"waits: {counted.count}" if counted.count else "none"


@contextmanager
def refused() -> Iterator[None]:
    """Waiting for the card raises RuntimeError. A copy from pageable memory is none: see `copies`."""
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def copies(way: Way, steps: int) -> Counter[str]:
    """Copies between host and card in settled steps and the ring's delivery after them, by kind of memory.

    CUPTI calls them `Memcpy HtoD (Pinned -> Device)` and so on. One from or to `Pageable` memory makes the
    host wait, whatever `non_blocking` says, and no mode of PyTorch's reports it.
    """
    for _ in range(SETTLED):
        way.step()
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiled:
        for number in range(steps):
            way.step(number)
        if way.ring is not None:
            way.ring.flush()
        torch.cuda.synchronize()
    names = (event.name for event in profiled.events())
    return Counter(name for name in names if name.startswith(("Memcpy HtoD", "Memcpy DtoH")))


def resumed(strategy: str, device: str, precision: str) -> str:
    """Whether a run that was interrupted and goes on ends with the bits of one that was not."""
    spec = {
        "dataset": "synthetic",
        "strategy": strategy,
        "settings": {
            "device": device,
            "precision": precision,
            "deterministic": True,
            "train_size": 256,
            "batch_size": 16,
            "epochs": 2,
            "previews": False,
        },
    }
    whole = Trained(spec)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        first = Trained(spec, folder=place, controls=PauseAt(11))
        second = Trained(spec, folder=place, attempt=2)
    torch.use_deterministic_algorithms(mode=False)
    last = first.sink.steps()[-1]
    weights, expected = second.weights(), whole.weights()
    differing = [name for name in expected if not torch.equal(weights[name], expected[name])]
    rows = [
        name
        for name in whole.sink.names() - {"throughput"}
        if [*first.sink.series(name), *second.sink.series(name)] != [*whole.sink.series(name)]
    ]
    if differing or rows:
        return f"no: {len(differing)} tensors and {len(rows)} series differ"
    return f"yes, interrupted after step {last}: {len(expected)} tensors and all rows"
