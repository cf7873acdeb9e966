"""A guest's rows on their way into its run: one small tensor per step, in the ring that our training uses."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.torch.arrival import Balances
from rhoscope.torch.ring import AGE_S, Ring, Rows
from rhoscope.tracker.run import Run

_GAPS = ("rho", "score", "loss", "accuracy")


class RowsOfRun:
    """Steps may have different columns: an encoder without a gradient has no norm."""

    def __init__(self, run: Run) -> None:
        self._run = run
        run.flushes.append(self.flush)
        self._rings: dict[tuple[str, ...], Ring] = {}
        self._present: Ring | None = None

    def append(
        self, step: int, row: dict[str, Tensor], series: Sequence[Series], modalities: tuple[str, ...]
    ) -> None:
        """Add a step's row; of the `series` those are declared that it has."""
        names = tuple(row)
        device = next(iter(row.values())).device
        if device.type == "meta":
            return
        if names not in self._rings:
            each = [one for s in series for one in s.expand(modalities) if one.name in row]
            self._run.declare(each, modalities, device=_name(device))
            age = 0.0 if device.type == "cpu" else AGE_S
            self._rings[names] = Ring(names, (), device, self._hand_on, age_s=age)
        ring = self._rings[names]
        if self._present is not None and self._present is not ring:
            self._present.flush()
        self._present = ring
        ring.append(step, row, {})

    def flush(self) -> None:
        """Hand on what is there."""
        if self._present:
            self._present.flush()

    def _hand_on(self, rows: Rows) -> None:
        gaps = frozenset(name for name in rows.names if name.split(".")[0] in _GAPS)
        self._run.take(Balances(rows, gaps))


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
