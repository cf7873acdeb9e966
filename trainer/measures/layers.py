"""Gradient norms by layer over an epoch: gathered on the device, recorded once per epoch.

Letters: P parameters of all encoders, L layers (modules that own parameters), T steps.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.tables import Table
from rhoscope.torch.host import Vector, tensor_of
from trainer.model import Model

NAME = "layers"
COLUMNS = ("rms", "low", "median", "high")
QUANTILES = (0.1, 0.5, 0.9)
WINDOW = 64
"""Steps that are gathered before they are summed up: one small operation a step, the others every 64."""
KEPT = 512
"""Steps of an epoch that quantiles are taken over at most, evenly spread."""


class LayerNorms:
    """Gradient norms by layer over the present epoch, as the loss gave them: before any modulation.

    Layers are named `modality/path of the module`, in the order in which the encoder declares them. Nothing
    waits for the device until `table`. All replicas hold the same.
    """

    def __init__(self, model: Model, steps: int) -> None:
        """`steps`: those of an epoch."""
        owners = [
            f"{modality}/{name.rpartition('.')[0] or 'encoder'}"
            for modality, encoder in model.encoders.items()
            for name, _ in encoder.named_parameters()
        ]
        self.names = tuple(dict.fromkeys(owners))
        self._owner = [self.names.index(owner) for owner in owners]  # of each parameter
        self._whole = (True,) * len(owners)  # where every parameter has a gradient
        self._every = -(-steps // KEPT)
        self._index: tuple[tuple[bool, ...], Tensor] | None = None  # for which parameters, [L, widest]
        self.clear()

    def clear(self) -> None:
        """Begin an epoch."""
        self._window: list[Vector] = []  # each [P with a gradient]
        self._having: tuple[bool, ...] = ()
        self._taken = 0  # steps before those of the window
        self._sums: Tensor | None = None  # [2, L]: of squares, and how many were finite
        self._kept: list[Tensor] = []  # each [T, L]

    @torch.no_grad()
    def add(self, model: Model, norms: Vector) -> None:
        """Take a step's norms: those of all encoders' parameters that have a gradient, in their order."""
        if len(norms) == len(self._owner):
            having = self._whole
        else:
            having = tuple(p.grad is not None for ps in model.encoder_parameters.values() for p in ps)
        if having != self._having:
            self._fold()
            self._having = having
        if not len(norms):
            return
        self._window.append(norms)
        if len(self._window) == WINDOW:
            self._fold()

    def table(self, epoch: int) -> Table | None:
        """The epoch's root mean square and quantiles by layer; None when it had no step. Waits for them.

        Steps whose norm is not finite, as float16's scaler leaves out, are not counted.
        """
        self._fold()
        if self._sums is None:
            return None
        squares, counts = self._sums
        kept = torch.cat(self._kept)
        levels = torch.tensor(QUANTILES, dtype=kept.dtype, device=kept.device)
        quantiles = torch.nanquantile(kept, levels, dim=0)  # [3, L]
        values = torch.cat([(squares / counts).sqrt()[None], quantiles]).mT.tolist()
        return Table.make(NAME, epoch, self.names, COLUMNS, values)

    def _fold(self) -> None:
        """Sum up what is in the window."""
        if not self._window:
            return
        each = torch.stack(list(map(tensor_of, self._window)))  # [T, P]
        precise = torch.float32 if each.device.type == "mps" else torch.float64
        squares = self._by_layer(each.to(precise).square())
        finite = squares.isfinite()
        sums = torch.stack([squares.where(finite, 0).sum(0), finite.to(precise).sum(0)])
        self._sums = sums if self._sums is None else self._sums + sums
        first = -self._taken % self._every
        self._kept.append(squares.where(finite, torch.nan).sqrt()[first :: self._every])
        self._taken += len(self._window)
        self._window = []

    def _by_layer(self, squares: Tensor) -> Tensor:
        """Squares [T, P] summed over each layer's parameters: [T, L], in an order that is always the same."""
        if self._index is None or self._index[0] != self._having or self._index[1].device != squares.device:
            self._index = self._having, placed(self._columns(), squares.device)
        summed = nn.functional.pad(squares, (0, 1))[:, self._index[1]].sum(-1)
        if without := self._of_idle_encoders():
            summed[:, without] = torch.nan
        return summed

    def _of_idle_encoders(self) -> list[int]:
        """Layers of encoders that no gradient reached, as where no example had the modality: not even 0."""
        pairs = list(zip(self._owner, self._having, strict=True))
        active = {self.names[owner].partition("/")[0] for owner, has in pairs if has}
        return [place for place, name in enumerate(self.names) if name.partition("/")[0] not in active]

    def _columns(self) -> list[list[int]]:
        """Of each layer the columns of its parameters, filled up with the one behind the last, which is 0."""
        members: list[list[int]] = [[] for _ in self.names]
        owners = [owner for owner, has in zip(self._owner, self._having, strict=True) if has]
        for column, owner in enumerate(owners):
            members[owner].append(column)
        widest = max(map(len, members))
        return [m + [len(owners)] * (widest - len(m)) for m in members]

    def state(self) -> dict[str, Any]:
        """The state needed to resume within an epoch."""
        return {
            "window": list(map(tensor_of, self._window)),
            "having": self._having,
            "taken": self._taken,
            "sums": self._sums,
            "kept": list(self._kept),
        }

    def load(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Put a state in place."""
        self._window = [t.to(device) for t in state["window"]]
        self._having, self._taken = tuple(state["having"]), state["taken"]
        self._sums = None if state["sums"] is None else state["sums"].to(device)
        self._kept = [t.to(device) for t in state["kept"]]


def placed(rows: list[list[int]], device: torch.device) -> Tensor:
    """These numbers on the device, without waiting for it."""
    index = torch.tensor(rows)
    if device.type == "cuda":  # only from pinned memory does a copy not wait for all that was queued before
        index = index.pin_memory()
    return index.to(device, non_blocking=True)
