"""A step's work is counted, not timed: kernels on a device, waits for it, breaks of a compiled graph."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from devices import device
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint
from towers import Late, batch, plain

import rhoscope
from benchmarks.guests import FREE, balanced
from rhoscope import Balance

WAITS = {"_local_scalar_dense", "nonzero", "equal", "is_nonzero", "masked_select"}


class Operators(TorchDispatchMode):
    """Counts what is called."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.counts[function.overloadpacket.__name__] += 1
        return function(*args, **(kwargs or {}))


def kernels(counts: Counter[str]) -> int:
    return sum(n for name, n in counts.items() if name not in FREE)


def counted(strategy: str) -> Counter[str]:
    """Operators of a settled step, on the device that computes nothing, where the GPU's path is taken.

    The encoders have different widths; the row goes nowhere.
    """
    net = Late().to("meta")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy=strategy)
    x, y, target = (tensor.to("meta") for tensor in batch())
    for _ in range(2):
        loss = cross_entropy(net(x, y), target)
        with Operators() as operators:
            balance.observe(target)
        loss.backward()
        with operators:
            balance.before((), {})
            balance.after()
    return operators.counts


@pytest.mark.parametrize(("strategy", "most"), [("watch", 9), ("ogm", 15), ("ogm-ge", 49)])
def test_a_step_takes_few_kernels_however_many_parameters_and_waits_for_none(
    strategy: str, most: int
) -> None:
    counts = counted(strategy)
    assert kernels(counts) <= most
    assert not WAITS & counts.keys()


@pytest.mark.parametrize(("strategy", "most"), [("watch", 9), ("ogm", 15), ("ogm-ge", 207)])
def test_of_two_resnets_ogm_takes_fifteen_with_the_row_in_the_ring(
    strategy: str, most: int, tmp_path: Path
) -> None:
    run = rhoscope.init("cost", mode="offline", dir=tmp_path)
    counts = balanced(strategy, run, Operators).counts
    run.finish()
    assert counts["cat"] >= 1  # the row
    assert kernels(counts) <= most
    assert not WAITS & counts.keys()


@pytest.mark.parametrize(("strategy", "most"), [("watch", 8), ("ogm", 14)])
def test_the_profiler_counts_the_same_and_no_wait_where_the_ways_of_a_device_are_taken(
    strategy: str, most: int
) -> None:
    with device():
        profiled = balanced(strategy, None, lambda: profile(activities=[ProfilerActivity.CPU]), "cpu")
    events = [event for event in profiled.events() if event.name.startswith("aten::")]
    outermost = [event for event in events if event.cpu_parent is None]
    counts = Counter(event.name.removeprefix("aten::") for event in outermost if not _idle(event))
    assert kernels(counts) <= most
    assert not WAITS & {event.name.removeprefix("aten::") for event in events}


def _idle(event: Any) -> bool:
    """Asked for a type or a shape that was there."""
    return event.name in ("aten::to", "aten::reshape") and all(
        c.name == "aten::view" for c in event.cpu_children
    )


def test_noise_waits_for_no_device_either() -> None:
    assert not WAITS & counted("ogm-ge").keys()


@pytest.mark.parametrize("hooked", [True, False])
def test_a_compiled_network_is_one_graph_and_gives_the_same_row(hooked: bool) -> None:
    def row(*, compiled: bool) -> dict[str, float]:
        net = Late()
        run = torch.compile(net, backend="eager", fullgraph=True) if compiled else net
        balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm")
        x, y, target = batch()
        loss = cross_entropy(run(x, y), target)
        balance.observe(target, features=None if hooked else {"a": net.a(x), "b": net.b(y)})
        loss.backward()
        balance.step()
        return plain(balance.values())

    assert row(compiled=True) == row(compiled=False)


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointing_that_runs_an_encoder_twice_gives_the_same_row(reentrant: bool) -> None:
    class Saved(Late):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            a = checkpoint(self.a, x.requires_grad_(), use_reentrant=reentrant)
            answer: Tensor = self.head(torch.cat([a, self.b(y)], 1))
            return answer

    rows = []
    for net in (Saved(), Late()):
        balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm")
        x, y, target = batch()
        for _ in range(2):
            net.zero_grad()
            loss = cross_entropy(net(x, y), target)
            balance.observe(target)
            loss.backward()
            balance.step()
        rows.append(plain(balance.values()))
    assert rows[0] == rows[1]


def test_a_pass_of_evaluation_is_not_taken_for_one_of_training() -> None:
    net = Late()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    x, y, target = batch()
    loss = cross_entropy(net(x, y), target)
    net.eval()
    with torch.no_grad():
        net(x[:5], y[:5])
    net.train()
    balance.observe(target)
    loss.backward()
    assert balance.step() is not None


def test_adapters_are_the_encoders_and_what_is_frozen_is_left_out() -> None:
    net = Late()
    net.a.requires_grad_(requires_grad=False)
    adapter = nn.Linear(6, 8, bias=False)
    nn.init.zeros_(adapter.weight)
    whole = [*net.a.parameters(), *adapter.parameters()]
    balance = Balance({"a": whole, "b": net.b}, head=net.head, strategy="ogm")
    x, y, target = batch()
    features = {"a": net.a(x) + adapter(x), "b": net.b(y)}
    loss = cross_entropy(net.head(torch.cat(list(features.values()), 1)), target)
    balance.observe(target, features=features)
    loss.backward()
    assert adapter.weight.grad is not None
    expected = adapter.weight.grad.norm().item()
    balance.step()
    assert balance.values()["grad_norm.a"].item() == pytest.approx(expected, rel=1e-6)
