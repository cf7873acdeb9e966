"""Numbers that steps need again and again, made on a device once. Nobody may change these tensors."""

from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=256)
def number(value: float, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A number as a 0-D tensor: as a plain one it would be several operators each time."""
    return torch.full((), value, dtype=dtype, device=device)


@lru_cache(maxsize=256)
def whole_numbers(values: tuple[int, ...], device: torch.device) -> Tensor:
    """These numbers as int64 [values], sent without waiting for the device."""
    tensor = torch.tensor(values, dtype=torch.int64)
    if device.type == "cuda":  # only from pinned memory does a copy not wait for all that was queued before
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


@lru_cache(maxsize=32)
def ones(count: int, device: torch.device) -> Tensor:
    """As many times 1 [count], as the coefficients of encoders that nobody slows down."""
    return torch.ones(count, device=device)
