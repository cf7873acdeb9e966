"""One run in several processes, each with a share of every batch and a copy of the network.

    Replicas of a step: average gradients -> equal scores -> equal ρ and k -> equal noise -> equal weights.

Copies stay bit-identical because all that changes them is: gradients are averaged before anything looks at
them, scores are summed over the whole batch, and random numbers come from generators that were seeded alike
and draw alike. The first process passes commands and signals on, so that all apply them at one step.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import torch
from torch import Tensor
from torch import distributed as dist
from typing_extensions import override

from rhoscope.errors import RhoscopeError

T = TypeVar("T")
PATIENCE = timedelta(days=7)
"""How long one process waits for another: a run that lost its lease may wait for long."""


class LostPeer(RhoscopeError):
    """Another process of this run is gone; all of them resume from the last checkpoint."""


@contextmanager
def _together() -> Iterator[None]:
    """A point that all processes must reach. Raises: LostPeer, when one is gone."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise LostPeer(f"Another process of this run is gone ({reason}).") from error


class Replicas:
    """A process that trains alone. `rank` in [0, size); the first one speaks for all."""

    rank = 0
    size = 1

    @property
    def first(self) -> bool:
        """Whether this process sends records, receives commands and writes checkpoints."""
        return self.rank == 0

    def share(self, index: Tensor) -> Tensor:
        """This process's part of a batch's examples [N]: [N / size]."""
        return index

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its mean over the processes, in place."""

    def joined(self, values: Tensor) -> Tensor:
        """Every process's `values` [...], one after the other: [size, ...]."""
        return values.unsqueeze(0)

    def agree(self, *, vote: bool) -> bool:
        """Whether any process wants it; the same answer everywhere."""
        return vote

    def from_first(self, value: T) -> T:
        """The first process's value, anything that pickles."""
        return value

    def close(self) -> None:
        """Take leave of the others."""


class Group(Replicas):
    """A process among several, as torchrun started them: gradients over NCCL on GPUs, the rest over gloo."""

    def __init__(self) -> None:
        cuda = torch.cuda.is_available()
        if cuda:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
        dist.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE)
        self._words = dist.new_group(backend="gloo", timeout=PATIENCE) if cuda else None
        self.rank, self.size = dist.get_rank(), dist.get_world_size()

    @override
    def share(self, index: Tensor) -> Tensor:
        return index[self.rank :: self.size]

    @override
    @torch.no_grad()
    def average(self, tensors: Iterable[Tensor]) -> None:
        by_type: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
        for tensor in tensors:
            by_type.setdefault((tensor.dtype, tensor.device), []).append(tensor)
        for same in by_type.values():
            flat = torch.cat([tensor.flatten() for tensor in same])
            with _together():
                dist.all_reduce(flat)
            flat /= self.size
            parts = torch.split(flat, [tensor.numel() for tensor in same])
            torch._foreach_copy_(same, [p.view_as(t) for p, t in zip(parts, same, strict=True)])

    @override
    @torch.no_grad()
    def joined(self, values: Tensor) -> Tensor:
        gathered = [torch.empty_like(values) for _ in range(self.size)]
        with _together():
            dist.all_gather(gathered, values.contiguous())
        return torch.stack(gathered)

    @override
    def agree(self, *, vote: bool) -> bool:
        flag = torch.tensor([int(vote)])
        with _together():
            dist.all_reduce(flag, dist.ReduceOp.MAX, group=self._words)
        return bool(flag.item())

    @override
    def from_first(self, value: T) -> T:
        box: list[Any] = [value]
        with _together():
            dist.broadcast_object_list(box, src=0, group=self._words)
        received: T = box[0]
        return received

    @override
    def close(self) -> None:
        dist.destroy_process_group()


ALONE = Replicas()


def started() -> bool:
    """Whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def leave(code: int) -> NoReturn:
    """End this process at once. Raises nothing and returns never.

    A group's threads sometimes abort an interpreter that takes itself apart, and torchrun would then end the
    processes that still have something to say.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def command(processes: int) -> list[str]:
    """Arguments of Python that start a module in this many processes: `torchrun`."""
    return ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "--module", "--"]
