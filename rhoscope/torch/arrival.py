"""Numbers on their way from a device to a guest's journal; the training loop never waits for them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rhoscope.torch.ring import Rows
from rhoscope.tracker.attempt import Attempt

NONE = -1.0
"""Stands for "no value" in columns of numbers that are never negative."""


class Numbers:
    """One row of numbers, some of them 0-D tensors of a device."""

    def __init__(self, names: tuple[str, ...], step: int, values: Sequence[Any]) -> None:
        device = next(v.device for v in values if isinstance(v, Tensor) and v.is_cuda)
        self._names, self.first_step = names, step
        row = torch.stack(
            [torch.as_tensor(v, dtype=torch.float64).to(device, non_blocking=True) for v in values]
        )
        self._host = torch.empty(len(names), dtype=torch.float64, pin_memory=True)
        self._host.copy_(row.detach(), non_blocking=True)
        self._copied = torch.cuda.Event()  # type: ignore[no-untyped-call]  # so torch declares it
        self._copied.record()

    def ready(self) -> bool:
        """Whether `write` need not wait."""
        return bool(self._copied.query())  # type: ignore[no-untyped-call]  # so torch declares it

    def write(self, attempt: Attempt) -> None:
        """Append the row."""
        self._copied.synchronize()
        attempt.row(self._names, self.first_step, self._host.tolist())


def numbers(names: tuple[str, ...], step: int, values: Sequence[Any]) -> Numbers:
    """A row that is copied from a device now."""
    return Numbers(names, step, values)


class Balances:
    """Rows of the ring; of columns in `gaps` a `NONE` is left out: it means that there was no sample."""

    def __init__(self, rows: Rows, gaps: frozenset[str]) -> None:
        self._rows, self._gaps = rows, gaps
        self.first_step = int(rows.steps[0])

    def ready(self) -> bool:
        """Whether `write` need not wait."""
        return self._rows.copied is None or bool(self._rows.copied.query())  # type: ignore[no-untyped-call]

    def write(self, attempt: Attempt) -> None:
        """Append the rows."""
        columns = self._rows.values().astype(np.float64).T.tolist()
        times = np.linspace(*self._rows.times, len(columns)).tolist()
        for step, when, values in zip(self._rows.steps.tolist(), times, columns, strict=True):
            kept = [(n, v) for n, v in zip(self._rows.names, values, strict=True) if not self._missing(n, v)]
            attempt.row(tuple(n for n, _ in kept), step, [v for _, v in kept], when)

    def _missing(self, name: str, value: float) -> bool:
        return value == NONE and name in self._gaps
