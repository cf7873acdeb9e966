"""Numbers on their way from a device to a guest's journal; the training loop never waits for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rhoscope.torch.ring import Rows
from rhoscope.tracker.attempt import Attempt


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
    """Rows of the ring, each read when it is written down."""

    def __init__(self, rows: Rows, read: Callable[[Tensor], Mapping[str, float]]) -> None:
        """`read` makes values by series out of one row [columns]."""
        self._rows, self._read = rows, read
        self.first_step = int(rows.steps[0])

    def ready(self) -> bool:
        """Whether `write` need not wait."""
        return self._rows.copied is None or bool(self._rows.copied.query())  # type: ignore[no-untyped-call]

    def write(self, attempt: Attempt) -> None:
        """Append the rows."""
        if self._rows.copied is not None:
            self._rows.copied.synchronize()
        raw = self._rows.device_values
        times = np.linspace(*self._rows.times, len(raw)).tolist()
        for step, when, row in zip(self._rows.steps.tolist(), times, raw, strict=True):
            if values := self._read(row):
                attempt.row(tuple(values), step, list(values.values()), when)
