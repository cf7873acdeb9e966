"""One step's numbers by name, kept as the vectors they were worked out in."""

from collections.abc import Iterable, Iterator, KeysView, MutableMapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor
from typing_extensions import override

from rhoscope.torch.constants import whole_numbers
from rhoscope.torch.host import HostVector, Vector, numbers_of, tensor_of


class StepValues(MutableMapping[str, Tensor]):
    """0-D tensors by name; many that came as one vector cost no work until somebody looks at one."""

    def __init__(self) -> None:
        self._vectors: list[Vector] = []
        self._place: dict[str, tuple[int, int]] = {}  # which vector, and where in it

    def put(self, names: Iterable[str], vector: Vector) -> None:
        """Add as many values as the vector has entries."""
        number = len(self._vectors)
        self._vectors.append(vector)
        for i, name in enumerate(names):
            self._place[name] = number, i

    def plain(self, names: Sequence[str]) -> list[float]:
        """The values of these names on a CPU as plain numbers; 0 where there is none."""
        each = [v.values if isinstance(v, HostVector) else numbers_of(v) for v in self._vectors]
        places = map(self._place.get, names)
        return [0.0 if place is None else each[place[0]][place[1]] for place in places]

    def joined(self, names: tuple[str, ...], device: torch.device) -> Tensor:
        """The values of these names [names], single precision; 0 where there is none. Three kernels."""
        if not self._place:
            return torch.zeros(len(names), device=device)
        vectors = list(map(tensor_of, self._vectors))
        starts, end = [], 0
        for vector in vectors:
            starts.append(end)
            end += vector.numel()
        places = map(self._place.get, names)
        order = tuple([end if place is None else starts[place[0]] + place[1] for place in places])
        parts = [v if v.ndim == 1 else v.reshape(1) for v in vectors]
        row = torch.cat([*parts, _zero(device)]).index_select(0, whole_numbers(order, device))
        return row if row.dtype == torch.float32 else row.to(torch.float32)

    def vector(self, names: Sequence[str]) -> Vector:
        """The values of these names [names], as precise as they are; a view where they are neighbors."""
        first, place = self._place[names[0]]
        if [self._place[name] for name in names] == [(first, place + i) for i in range(len(names))]:
            whole = self._vectors[first]
            if isinstance(whole, HostVector):
                return HostVector(whole.values[place : place + len(names)], whole.kind)
            return whole[place : place + len(names)] if whole.ndim else whole.reshape(1)
        return torch.stack([self[name] for name in names])

    @override
    def __getitem__(self, name: str) -> Tensor:
        number, place = self._place[name]
        vector = self._vectors[number]
        if isinstance(vector, HostVector):
            return torch.tensor(vector.values[place], dtype=vector.kind)
        return vector[place] if vector.ndim else vector

    @override
    def __setitem__(self, name: str, value: Tensor) -> None:
        self.put((name,), value)

    @override
    def __delitem__(self, name: str) -> None:
        del self._place[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    @override
    def keys(self) -> KeysView[str]:
        return self._place.keys()

    @override
    def __len__(self) -> int:
        return len(self._place)


@lru_cache(maxsize=8)
def _zero(device: torch.device) -> Tensor:
    return torch.zeros(1, device=device)
