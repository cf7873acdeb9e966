"""Two processes, started as by `torchrun --nproc_per_node 2 ranks.py`; an error where a rule is broken.

They train as `examples/guests/replicas.py` does, and check more while both are there.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel
from towers import Late, batch, plain

from rhoscope import Balance

sys.path.append(str(Path(__file__).parents[2] / "examples" / "guests"))


def check(holds: bool, rule: str) -> None:
    """Raises: SystemExit."""
    if not holds:
        raise SystemExit(f"process {dist.get_rank()}: {rule}")


def step(net: Late, balance: Balance, rows: Tensor, *, forward: object = None) -> dict[str, float]:
    """One step over these rows of the batch; the row it gives."""
    x, y, target = batch()
    loss = cross_entropy((forward or net)(x[rows], y[rows]), target[rows])
    balance.observe(target[rows])
    loss.backward()
    balance.step()
    return plain(balance.values())


def whole(strategy: str, alpha: float) -> tuple[Late, dict[str, float]]:
    """The same in one process: a group of this one alone."""
    net = Late()
    alone = dist.new_group([dist.get_rank()], use_local_synchronization=True)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy=strategy, alpha=alpha, group=alone)
    return net, step(net, balance, torch.arange(32))


def sharded() -> None:
    """Norms of parameters that both hold a part of are those of the whole; k is everywhere the same."""
    rank = dist.get_rank()
    expected_net, expected = whole("ogm", 0.5)
    net = Late()
    for part in (net.a, net.b, net.head, net):
        fully_shard(part)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm", alpha=0.5)
    row = step(net, balance, torch.arange(32)[rank::2])
    for name in ("rho.a", "k.a", "k.b", "grad_norm.a", "grad_norm.b", "grad_norm_modulated.a", "score.b"):
        check(abs(row[name] - expected[name]) < 1e-5, f"{name} is {row[name]}, not {expected[name]}")
    for one, other in zip(net.parameters(), expected_net.parameters(), strict=True):
        check(torch.allclose(one.grad.full_tensor(), other.grad, atol=1e-6), "gradients differ")
    noisy = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm-ge")
    check(noisy.strategy() == "ogm", "noise of parameters in parts was not refused")


def flattened(*, windows: bool) -> None:
    """FSDP1 is watched: with scores of the whole batch where the head is whole, without norms or k."""
    rank = dist.get_rank()
    _, expected = whole("watch", 0.5)
    inner = Late()
    net = FullyShardedDataParallel(inner, use_orig_params=windows, device_id=torch.device("cpu"))
    balance = Balance({"a": inner.a, "b": inner.b}, head=inner.head, strategy="ogm")
    check(balance.strategy() == "watch", "flat parameters were to be modulated")
    row = step(inner, balance, torch.arange(32)[rank::2], forward=net)
    check(not any(name.startswith(("k.", "grad_norm")) for name in row), f"norms of a part are given: {row}")
    check(windows or abs(row["rho.a"] - expected["rho.a"]) < 1e-6, f"rho is {row.get('rho.a')}")


def agreement() -> None:
    """Only the first process's settings count, and all learn to stop at the same step."""
    rank = dist.get_rank()
    _, expected = whole("ogm", 0.5)
    net = Late()
    model = DistributedDataParallel(net)
    alpha = 0.5 if rank == 0 else 9.0
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm", alpha=alpha)
    stops = []
    for number in range(8):
        model.zero_grad()
        balance._decision.ordered_to_stop = lambda number=number: rank == 0 and number >= 2
        row = step(net, balance, torch.arange(32)[rank::2], forward=model)
        stops.append(balance.should_stop)
        if number == 0:
            check(abs(row["k.a"] - expected["k.a"]) < 1e-6, f"k is {row['k.a']}, not {expected['k.a']}")
        if rank == 0 and number == 3:
            balance.strategy.turn("watch")
    check(row["k.a"] == row["k.b"] == 1, "the other process goes on to modulate")
    check(stops == [False] * 6 + [True] * 2, f"stops at {stops}")


if __name__ == "__main__":
    dist.init_process_group("gloo")
    import replicas

    replicas.train()
    agreement()
    sharded()
    for windows in (False, True):
        flattened(windows=windows)
    dist.destroy_process_group()
