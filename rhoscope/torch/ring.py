"""Rows of step values on their way off the device, without a step ever waiting for them."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.torch.extent import vector
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
    copied to pinned memory behind the kernels already queued; on a CPU they stay where they were written, and
    a ring that is full goes on elsewhere.
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
        self._dtype = dtype
        self._shown: dict[frozenset[str], tuple[tuple[str, ...], tuple[int, ...] | None]]
        self._shown = {frozenset(): (self.names, None)}
        self._handed_on = time.monotonic()
        self._begin()

    def _begin(self) -> None:
        """Fresh memory: that of rows which were handed on is theirs."""
        self._values = torch.zeros(CAPACITY, len(self._columns), device=self._device, dtype=self._dtype)
        self._array = self._values.numpy() if self._device.type == "cpu" else None  # the same memory
        self._host_values = np.zeros((CAPACITY, len(self._host_columns)), np.float32)
        self._steps = np.zeros(CAPACITY, np.int32)
        self._times = [0.0] * CAPACITY
        self._silent: list[frozenset[str]] = [frozenset()] * CAPACITY
        self._first = self._n = 0  # of the rows that nobody has yet, and of the next one

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
        row = self._row(values, publish=publish)
        if publish:
            self._host_values[self._n] = [host_values[name] for name in self._host_columns]
            self._complete(step, without)
        return row

    def _row(self, values: Mapping[str, Tensor], *, publish: bool) -> Tensor:
        """A step's values in the columns' order, in the ring if they are published; 0 where there is none."""
        if not isinstance(values, StepValues):
            given, values = values, StepValues()
            values.update(given)
        if self._array is None:
            row = values.joined(self._columns, self._device)
            if publish:
                self._values[self._n] = row
            return row
        if not publish:
            return vector(values.plain(self._columns), torch.float32)
        self._array[self._n] = values.plain(self._columns)
        return self._values.select(0, self._n)

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
        begin, end = self._first, self._n
        self._first = end
        self._handed_on = time.monotonic()
        if begin < end and self._device.type != "meta":
            self._hand_on_from(begin, end)
        if end == CAPACITY:
            self._begin()

    def _hand_on_from(self, begin: int, end: int) -> None:
        """Hand on these rows, in one piece where they have values of the same series."""
        held, copied = self._copied(begin, end)
        for silent, places in groupby(range(begin, end), self._silent.__getitem__):
            first, *rest = places
            last = rest[-1] if rest else first
            names, columns = self._shown_without(silent)
            whole = (first, last + 1) == (begin, end)
            self._hand_on(
                Rows(
                    names=names,
                    steps=self._steps[first : last + 1],
                    device_values=held if whole else held[first - begin : last + 1 - begin],
                    host_values=self._host_values[first : last + 1],
                    times=(self._times[first], self._times[last]),
                    copied=copied,
                    columns=columns,
                )
            )

    def _shown_without(self, silent: frozenset[str]) -> tuple[tuple[str, ...], tuple[int, ...] | None]:
        """Names that have values, and their columns; None: all of them."""
        if silent not in self._shown:
            columns = tuple(column for column, name in enumerate(self.names) if name not in silent)
            self._shown[silent] = tuple(self.names[column] for column in columns), columns
        return self._shown[silent]

    def _copied(self, begin: int, end: int) -> tuple[Tensor, torch.cuda.Event | None]:
        rows = self._values.narrow(0, begin, end - begin)
        if self._device.type == "cpu":
            return rows, None
        if self._device.type != "cuda":
            return rows.clone(), None
        held = torch.empty(end - begin, len(self._columns), pin_memory=True, dtype=self._dtype)
        held.copy_(rows, non_blocking=True)
        copied = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # so torch declares it
        copied.record()
        return held, copied
