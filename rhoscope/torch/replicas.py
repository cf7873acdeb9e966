"""Several processes that share a batch: scores are joined before k, and the first one says what is done."""

from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist


class Peers:
    """The processes of a group, or this one alone."""

    def __init__(self, group: Any = None) -> None:
        there = dist.is_available() and dist.is_initialized()
        self._group = group
        self.size = dist.get_world_size(group) if there else 1
        self.first = not there or dist.get_rank(group) == 0
        self._generators: dict[torch.device, torch.Generator] = {}

    def joined(self, values: Tensor) -> Tensor:
        """Every process's `values` [...]: [processes, ...]."""
        whole = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(whole, values.contiguous(), group=self._group)
        return torch.stack(whole)

    def agreed(self, numbers: list[float], device: torch.device) -> list[float]:
        """The first process's numbers, everywhere. Alone nothing waits."""
        if self.size == 1:
            return numbers
        first = dist.get_global_rank(self._group, 0) if self._group is not None else 0
        said = torch.tensor(numbers, dtype=torch.float64, device=device)
        dist.broadcast(said, first, group=self._group)
        return [float(number) for number in said.tolist()]

    def generator(self, device: torch.device) -> torch.Generator | None:
        """Random numbers that are the same in all processes; the loop's own where there is one process."""
        if self.size == 1:
            return None
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(0)
        return self._generators[device]
