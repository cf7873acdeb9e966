"""Several processes that share a batch: scores are joined before k, and the first one says what is done.

What it says travels in the vector that is joined anyway, so there is no further collective. What acts on
tensors, alpha and the noise's factor, holds in the same step; what decides about the course of a step, the
strategy and whether to stop, is read `LAG` steps later, when it has long arrived, so that no step waits for a
device.
"""

from collections import deque
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

LAG = 4
"""Steps until what the first process said decides about the course of a step."""


class Peers:
    """The processes of a group, or this one alone."""

    def __init__(self, group: Any = None) -> None:
        there = dist.is_available() and dist.is_initialized()
        self._group = group
        self.size = dist.get_world_size(group) if there else 1
        self.first = not there or dist.get_rank(group) == 0
        self._generators: dict[torch.device, torch.Generator] = {}
        self._words: tuple[tuple[float, ...], Tensor] | None = None
        self._arriving: deque[tuple[Tensor, Any]] = deque()
        self.decided: list[float] | None = None
        """The first process's words that hold now, everywhere; None while none have arrived."""

    def joined(self, values: Tensor, words: tuple[float, ...]) -> tuple[Tensor, Tensor]:
        """Every process's `values` [n]: [processes, n]; and the first one's words."""
        own = torch.cat([values, self._on_device(words, values)])
        every = [torch.empty_like(own) for _ in range(self.size)]
        dist.all_gather(every, own, group=self._group)
        stacked = torch.stack(every)
        said = stacked[0, len(values) :]
        self._send_for(said)
        return stacked[:, : len(values)], said

    def _on_device(self, words: tuple[float, ...], like: Tensor) -> Tensor:
        """Copied only when they have changed."""
        if self._words is None or self._words[0] != words:
            host = torch.tensor(words, dtype=like.dtype, pin_memory=like.is_cuda)
            self._words = (words, host.to(like.device, non_blocking=True))
        return self._words[1]

    def _send_for(self, said: Tensor) -> None:
        copied = None
        if said.is_cuda:
            host = torch.empty(said.shape, dtype=said.dtype, pin_memory=True)
            host.copy_(said, non_blocking=True)
            copied = torch.cuda.Event()  # type: ignore[no-untyped-call]  # so torch declares it
            copied.record()
        else:
            host = said.clone()
        self._arriving.append((host, copied))
        if len(self._arriving) > LAG:
            words, arrived = self._arriving.popleft()
            if arrived is not None:
                arrived.synchronize()
            self.decided = words.tolist()

    def generator(self, device: torch.device) -> torch.Generator | None:
        """Random numbers that are the same in all processes; the loop's own where there is one process."""
        if self.size == 1:
            return None
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(0)
        return self._generators[device]

    def state_dict(self) -> dict[str, Any]:
        """The shared random numbers' state."""
        return {str(device): generator.get_state() for device, generator in self._generators.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        for device, generator in state.items():
            one = self.generator(torch.device(device))
            if one is not None:
                one.set_state(generator)
