"""A guest's rows on their way into its run: one small tensor per step, in the ring that our training uses."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.torch.alarms import Alarms
from rhoscope.torch.arrival import Balances
from rhoscope.torch.gradients import Part
from rhoscope.torch.reading import Parts, Values, known
from rhoscope.torch.ring import AGE_S, Ring, Rows
from rhoscope.torch.tally import precise_on
from rhoscope.tracker.run import Run

Layout = tuple[tuple[str, torch.Size], ...]


class RowsOfRun:
    """Raw numbers leave the device; what they say is worked out when they are written down, off the device.

    Steps may have different parts: an encoder without a gradient has no norm.
    """

    def __init__(self, run: Run, read: Callable[[Parts], Values], alarms: Alarms) -> None:
        self._run, self._read, self._alarms = run, read, alarms
        run.flushes.append(self.flush)
        self._rings: dict[tuple[Layout, torch.dtype], Ring] = {}
        self._present: Ring | None = None
        self._declared: set[str] = set()
        self._series: dict[str, Series] = {}
        self._modalities: tuple[str, ...] = ()
        self._named = False

    def declare(self, series: Sequence[Series], modalities: tuple[str, ...]) -> None:
        """Describe what rows may hold; each series goes out with the first row that has it."""
        self._series = {one.name: one for s in series for one in s.expand(modalities)}
        self._modalities = modalities

    def append(self, step: int, parts: Parts) -> None:
        """Add a step's row, or a part of it."""
        kinds = {name: _first(part).dtype for name, part in parts.items()}
        device = _first(next(iter(parts.values()))).device
        kind = torch.float32 if set(kinds.values()) == {torch.float32} else precise_on(device)
        order = sorted(parts, key=lambda name: kinds[name] != kind)
        layout = tuple((name, _shape(parts[name])) for name in order)
        if (layout, kind) not in self._rings:
            self._rings[layout, kind] = self._ring(layout, kind, device)
        ring = self._rings[layout, kind]
        if self._present is not None and self._present is not ring:
            self._present.flush()
        self._present = ring
        ring.append_parts(step, [vector for name in order for vector in _vectors(parts[name])])

    def flush(self) -> None:
        """Hand on what is there."""
        if self._present:
            self._present.flush()

    def _ring(self, layout: Layout, kind: torch.dtype, device: torch.device) -> Ring:
        names = tuple(f"{name}.{i}" for name, shape in layout for i in range(shape.numel()))
        age = 0.0 if device.type == "cpu" else AGE_S
        if not self._named:
            self._named = True
            self._run.declare((), self._modalities, device=_name(device))
        hand_on = partial(self._hand_on, layout)
        return Ring(names, (), device, hand_on, age_s=age, dtype=kind)

    def _hand_on(self, layout: Layout, rows: Rows) -> None:
        self._run.take(Balances(rows, partial(self._values, layout)))

    def _values(self, layout: Layout, row: Tensor) -> dict[str, float]:
        sizes = [shape.numel() for _, shape in layout]
        split = torch.split(row, sizes)
        parts = {name: part.view(shape) for (name, shape), part in zip(layout, split, strict=True)}
        values = known(self._read(parts), parts)
        self._alarms.look(values)
        fresh = [self._series[n] for n in values if n in self._series and n not in self._declared]
        if fresh:
            self._declared |= {one.name for one in fresh}
            self._run.declare(fresh)
        return values


def _first(part: Part) -> Tensor:
    return part if isinstance(part, Tensor) else part[0]


def _shape(part: Part) -> torch.Size:
    return part.shape if isinstance(part, Tensor) else torch.Size([len(part)])


def _vectors(part: Part) -> Sequence[Tensor]:
    """Views of one dimension."""
    return (part.reshape(-1),) if isinstance(part, Tensor) else torch.atleast_1d(part)  # type: ignore[no-untyped-call]


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
