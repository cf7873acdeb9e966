"""One step's numbers by name, kept as the vectors they were worked out in."""

from collections.abc import Iterable, Iterator, MutableMapping
from functools import lru_cache

import torch
from torch import Tensor
from typing_extensions import override

from rhoscope.torch.extent import sizes


class StepValues(MutableMapping[str, Tensor]):
    """0-D tensors by name; many that came as one vector cost no work until somebody looks at one."""

    def __init__(self) -> None:
        self._vectors: list[Tensor] = []
        self._place: dict[str, tuple[int, int]] = {}  # which vector, and where in it

    def put(self, names: Iterable[str], vector: Tensor) -> None:
        """Add as many values as the vector has entries."""
        number = len(self._vectors)
        self._vectors.append(vector)
        self._place |= {name: (number, i) for i, name in enumerate(names)}

    def joined(self, names: tuple[str, ...], device: torch.device) -> Tensor:
        """The values of these names [names], single precision; 0 where there is none. Three kernels."""
        if not self._place:
            return torch.zeros(len(names), device=device)
        starts, end = [], 0
        for vector in self._vectors:
            starts.append(end)
            end += vector.numel()
        places = map(self._place.get, names)
        order = tuple(end if place is None else starts[place[0]] + place[1] for place in places)
        row = torch.cat([v.reshape(-1) for v in (*self._vectors, _zero(device))])
        return row.index_select(0, sizes(order, device)).to(torch.float32)

    @override
    def __getitem__(self, name: str) -> Tensor:
        number, place = self._place[name]
        vector = self._vectors[number]
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
    def __len__(self) -> int:
        return len(self._place)


@lru_cache(maxsize=8)
def _zero(device: torch.device) -> Tensor:
    return torch.zeros(1, device=device)
