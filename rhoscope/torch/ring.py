"""Rows of step values on their way off the device, without a step ever waiting for them."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.torch.step_values import StepValues

CAPACITY = 256
"""Rows the ring holds; it is handed over when full."""

AGE_S = 0.016
"""A row waits no longer than this for the next one, unless that one takes longer itself."""


@dataclass(frozen=True)
class Rows:
    """Consecutive rows, perhaps still being copied from the device.

    `device_values` [n, c] float32 in host memory; `host_values` float32 [n, c']; `copied` marks when the
    former may be read. `columns` are those of both, side by side, that `names` are for; None: all of them.
    """

    names: tuple[str, ...]
    steps: NDArray[np.int32]
    device_values: Tensor
    host_values: NDArray[np.float32]
    times: tuple[float, float]
    copied: torch.cuda.Event | None
    columns: tuple[int, ...] | None = None

    def values(self) -> NDArray[np.float32]:
        """All columns in the order of `names`, float32 [columns, n]. Waits for the copy: not for the loop."""
        if self.copied is not None:
            self.copied.synchronize()
        values = np.concatenate([self.device_values.numpy(), self.host_values], axis=1).T
        return values if self.columns is None else values[list(self.columns)]


class Ring:
    """Collects each step's 0-D device tensors and hands them on as `Rows` when full or 16 ms old.

    `names` are the device columns, `host_names` those whose values are plain numbers. On a GPU rows are
    copied to pinned memory behind the kernels already queued.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        host_names: tuple[str, ...],
        device: torch.device,
        hand_on: Callable[[Rows], None],
        *,
        age_s: float = AGE_S,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.names = (*names, *host_names)
        self._expected = frozenset(names)
        self._columns = names
        self._host_columns = host_names
        self._device = device
        self._hand_on = hand_on
        self._age_s = age_s
        self._values = torch.zeros(CAPACITY, len(names), device=device, dtype=dtype)
        self._host_values = np.zeros((CAPACITY, len(host_names)), np.float32)
        self._steps = np.zeros(CAPACITY, np.int32)
        self._times = np.zeros(CAPACITY)
        self._silent: list[frozenset[str]] = [frozenset()] * CAPACITY
        self._n = 0
        self._handed_on = time.monotonic()

    def append(
        self,
        step: int,
        values: Mapping[str, Tensor],
        host_values: Mapping[str, float],
        *,
        publish: bool = True,
        silent: Collection[str] = (),
    ) -> Tensor:
        """Add a step's row, unless `publish` is false; returns the row on the device, float32 [columns].

        A series of `silent` has no value at this step; the row that is returned has 0 for it.

        Raises:
            ValueError: when the values are not exactly the declared ones.
        """
        without = self._expected.intersection(silent)
        if values.keys() != self._expected - without:
            odd = sorted(values.keys() ^ (self._expected - without))
            raise ValueError(
                f"A step should emit exactly the declared series. These differ: {', '.join(odd)}."
            )
        n = self._n
        row = self._joined(values)
        if not publish:
            return row
        self._values[n] = row
        self._host_values[n] = [host_values[name] for name in self._host_columns]
        self._complete(step, without)
        return row

    def _joined(self, values: Mapping[str, Tensor]) -> Tensor:
        """A step's values in the columns' order; 0 where there is none."""
        if not isinstance(values, StepValues):
            given, values = values, StepValues()
            values.update(given)
        return values.joined(self._columns, self._device)

    def append_parts(self, step: int, parts: Sequence[Tensor]) -> None:
        """Add a step's row from vectors whose lengths add up to the number of columns: three kernels at most.

        Those of the ring's own type come first; without others it is one kernel.
        """
        row = self._values[self._n]
        own = [part for part in parts if part.dtype == row.dtype]
        others = [part for part in parts if part.dtype != row.dtype]
        size = sum(part.numel() for part in own)
        if own:
            torch.cat(own, out=row[:size])
        if others:
            row[size:].copy_(torch.cat(others))
        self._complete(step, frozenset())

    def _complete(self, step: int, without: frozenset[str]) -> None:
        n = self._n
        self._steps[n] = step
        self._times[n] = time.time()
        self._silent[n] = without
        self._n = n + 1
        if self._n == CAPACITY or time.monotonic() - self._handed_on >= self._age_s:
            self.flush()

    def flush(self) -> None:
        """Hand on what is there; on the device that computes nothing that is nothing."""
        n, self._n = self._n, 0
        self._handed_on = time.monotonic()
        if n == 0 or self._device.type == "meta":
            return
        held, copied = self._copy(n)
        for silent, places in groupby(range(n), self._silent.__getitem__):
            first, *rest = places
            last = rest[-1] if rest else first
            kept = [column for column, name in enumerate(self.names) if name not in silent] if silent else []
            self._hand_on(
                Rows(
                    names=tuple(self.names[column] for column in kept) if silent else self.names,
                    steps=self._steps[first : last + 1].copy(),
                    device_values=held if last + 1 - first == n else held[first : last + 1],
                    host_values=self._host_values[first : last + 1].copy(),
                    times=(float(self._times[first]), float(self._times[last])),
                    copied=copied,
                    columns=tuple(kept) if silent else None,
                )
            )

    def _copy(self, n: int) -> tuple[Tensor, torch.cuda.Event | None]:
        if self._device.type != "cuda":
            return self._values[:n].clone(), None
        held = torch.empty(n, len(self._columns), pin_memory=True, dtype=self._values.dtype)
        held.copy_(self._values[:n], non_blocking=True)
        copied = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # so torch declares it
        copied.record()
        return held, copied
