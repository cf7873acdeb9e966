"""Which examples have which modality. Letters: N samples, D features, M modalities.

Nothing here costs a run whose examples are whole: its inputs are plain dictionaries, without a presence.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor


class Presence:
    """Of a batch's samples, those that have each modality.

    What decides about the course of a step is known to the host beforehand, so that no step waits for the
    device.
    """

    def __init__(self, masks: Mapping[str, Tensor], device: torch.device | None = None) -> None:
        """`masks`: bool [N] on the host, by modality."""
        self.masks = dict(masks)
        self.device = device or torch.device("cpu")
        self.counts = {m: int(mask.sum()) for m, mask in self.masks.items()}
        self.samples = len(next(iter(self.masks.values())))

    @property
    def absent(self) -> frozenset[str]:
        """Modalities that no sample has."""
        return frozenset(m for m, count in self.counts.items() if not count)

    @property
    def alone(self) -> frozenset[str]:
        """Modalities that share no sample with another one, where there are several: they have no ratio."""
        if len(self.masks) == 1:
            return self.absent
        table = torch.stack(list(self.masks.values())).to(torch.float32)  # [M, N]
        shared = (table @ table.mT).fill_diagonal_(0).sum(1).tolist()
        return frozenset(m for m, n in zip(self.masks, shared, strict=True) if not n)

    @cached_property
    def table(self) -> Tensor:
        """Which samples have which modality, bool [M, N] on the device, modalities in their order."""
        return _sent(torch.stack(list(self.masks.values())), self.device)

    @cached_property
    def rows(self) -> dict[str, Tensor]:
        """Numbers of the samples that have each modality, on the device."""
        return {m: _sent(mask.nonzero().squeeze(1), self.device) for m, mask in self.masks.items()}

    def of(self, modality: str) -> Tensor:
        """Which samples have this modality, bool [N, 1] on the device."""
        return self.table[list(self.masks).index(modality)].unsqueeze(1)

    def narrowed(self, rows: slice) -> "Presence":
        """Of some of the samples only."""
        return Presence({m: mask[rows] for m, mask in self.masks.items()}, self.device)

    def encode(self, modality: str, encoder: Callable[[Tensor], Tensor], x: Tensor, width: int) -> Tensor:
        """Features [N, D] of inputs [N, *shape]: zeros where the modality is missing.

        The encoder never sees those samples: they change neither its features, as through BatchNorm, nor its
        gradient; and where all are missing it is not called.
        """
        count = self.counts[modality]
        if count == self.samples:
            return encoder(x)
        if not count:
            return torch.zeros(self.samples, width, device=x.device)
        rows = self.rows[modality]
        features = encoder(x.index_select(0, rows))
        return features.new_zeros(self.samples, width).index_copy(0, rows, features)


class Partial(dict[str, Tensor]):
    """Inputs or features [N, ...] by modality, of which some samples lack some; those rows mean nothing."""

    def __init__(self, tensors: Mapping[str, Tensor], presence: Presence) -> None:
        super().__init__(tensors)
        self.presence = presence


def presence_of(tensors: Mapping[str, Tensor]) -> Presence | None:
    """Which samples have which modality; None where all have all."""
    return tensors.presence if isinstance(tensors, Partial) else None


def each(tensors: Mapping[str, Tensor], change: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """Every tensor changed, rows staying where they are."""
    changed = {m: change(x) for m, x in tensors.items()}
    there = presence_of(tensors)
    return changed if there is None else Partial(changed, there)


def _sent(tensor: Tensor, device: torch.device) -> Tensor:
    """On the device, without waiting for it."""
    if device.type == "cuda":  # only from pinned memory does a copy not wait for all that was queued before
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
