"""Steps and values as bytes: 32 bits wide where that is exact, 64 where it is not; old ones read back.

What was stored before there were wide steps has 32-bit ones, and no step beyond `NARROW`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NARROW = 2**31 - 1
"""The last step that 32 bits can hold."""
_WIDE_STEPS, _WIDE_VALUES = 1, 2
Steps = NDArray[np.int64]


def packed_steps(steps: NDArray[np.integer]) -> bytes:
    """Ascending steps [n, at least 1] as little-endian int32, or as int64 where the last one needs it.

    >>> len(packed_steps(np.array([7]))), len(packed_steps(np.array([2**31])))
    (4, 8)
    """
    return steps.astype(_whole(wide=int(steps[-1]) > NARROW)).tobytes()


def unpacked_steps(data: bytes, last: int) -> Steps:
    """Steps that `packed_steps` packed, of which `last` is the last one."""
    return np.frombuffer(data, _whole(wide=last > NARROW)).astype(np.int64)


def packed(steps: NDArray[np.integer], values: NDArray[np.floating]) -> bytes:
    """Steps [n] and values [n], float32 or float64, one after the other.

    A first byte says which of them are wide; where none is, as ever was, it is left out: the length tells.
    """
    wide_steps, wide_values = int(steps[-1]) > NARROW, values.dtype == np.float64
    kind = _WIDE_STEPS * wide_steps + _WIDE_VALUES * wide_values
    data = steps.astype(_whole(wide=wide_steps)).tobytes() + values.astype(_real(wide=wide_values)).tobytes()
    return bytes([kind]) + data if kind else data


def unpacked(data: bytes) -> tuple[Steps, NDArray[Any]]:
    """Steps and values that `packed` packed."""
    kind, start = (data[0], 1) if len(data) % 4 else (0, 0)
    whole, real = _whole(wide=bool(kind & _WIDE_STEPS)), _real(wide=bool(kind & _WIDE_VALUES))
    n = (len(data) - start) // (whole.itemsize + real.itemsize)
    steps = np.frombuffer(data, whole, n, start).astype(np.int64)
    return steps, np.frombuffer(data, real, n, start + whole.itemsize * n)


def _whole(*, wide: bool) -> np.dtype[Any]:
    return np.dtype("<i8" if wide else "<i4")


def _real(*, wide: bool) -> np.dtype[Any]:
    return np.dtype("<f8" if wide else "<f4")
