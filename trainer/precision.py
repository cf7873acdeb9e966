"""Mixed precision in one place: where to cast down, and how gradients survive it."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch
from torch import Tensor
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

PrecisionName = Literal["float32", "bfloat16", "float16"]


class Precision:
    """`float32` changes nothing; `bfloat16` casts; `float16` casts and scales the loss.

    With `float16` a step whose gradients overflow is left out by the scaler, as everywhere in PyTorch; that
    check is the one thing here that may wait for the device.
    """

    def __init__(self, name: PrecisionName, device: torch.device) -> None:
        self._device = device
        self._type = None if name == "float32" else getattr(torch, name)
        self._scaler = GradScaler(device.type) if name == "float16" else None

    def autocast(self) -> AbstractContextManager[Any]:
        """Context in which forward passes and losses run."""
        if self._type is None:
            return nullcontext()
        return torch.autocast(self._device.type, dtype=self._type)

    def scale(self, loss: Tensor) -> Tensor:
        """The loss to differentiate."""
        return self._scaler.scale(loss) if self._scaler else loss

    def unscale(self, optimizer: Optimizer) -> None:
        """Turn `.grad` of the optimizer's parameters into true gradients."""
        if self._scaler:
            self._scaler.unscale_(optimizer)

    def inverse_scale(self) -> Tensor:
        """The factor that turns a gradient of `scale(loss)` into that of `loss`, 0-D."""
        return self.scale(torch.ones((), device=self._device)).reciprocal()

    def update(self, optimizer: Optimizer) -> None:
        """One optimizer step."""
        if self._scaler is None:
            optimizer.step()
            return
        self._scaler.step(optimizer)
        self._scaler.update()

    def state_dict(self) -> dict[str, Any]:
        return self._scaler.state_dict() if self._scaler else {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self._scaler:
            self._scaler.load_state_dict(state)


def at_least_single(tensor: Tensor) -> Tensor:
    """The same numbers in single precision, or in double where they are."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
