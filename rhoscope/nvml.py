"""NVIDIA devices by NVML, without torch; nothing where there are none."""

import os
from contextlib import suppress
from typing import Any, NamedTuple

MOST_DEVICES = 8


class Reading(NamedTuple):
    """A device at one moment: bytes, share of time in use (0 to 1), °C, and watts (NaN where it has none)."""

    memory_used: float
    memory_total: float
    utilization: float
    temperature: float
    power: float


def of(number: int | str) -> Reading | None:
    """A device by its number or its UUID; None where it can't be read."""
    try:
        import pynvml  # noqa: PLC0415 -- only where there is a GPU
    except ImportError:
        return None
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        handle = _handle(pynvml, number)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        celsius = pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)
        load = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu
        power = float("nan")
        with suppress(pynvml.NVMLError):
            power = pynvml.nvmlDeviceGetPowerUsage(handle) / 1000
        return Reading(float(memory.used), float(memory.total), load / 100, float(celsius), power)
    return None


def visible() -> list[int | str]:
    """The devices that this process may use, as CUDA_VISIBLE_DEVICES has them; the first of very many."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        names = [name.strip() for name in given.split(",") if name.strip()]
        devices = [
            int(name) if name.isdigit() else name for name in names if name not in ("-1", "NoDevFiles")
        ]
        return devices[:MOST_DEVICES]
    try:
        import pynvml  # noqa: PLC0415 -- only where there is a GPU
    except ImportError:
        return []
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        return [*range(min(MOST_DEVICES, pynvml.nvmlDeviceGetCount()))]
    return []


def names() -> list[str]:
    """Names of the visible devices."""
    try:
        import pynvml  # noqa: PLC0415 -- only where there is a GPU
    except ImportError:
        return []
    devices = []
    for device in visible():
        with suppress(pynvml.NVMLError):
            devices.append(str(pynvml.nvmlDeviceGetName(_handle(pynvml, device))))
    return devices


def _handle(pynvml: Any, device: int | str) -> Any:
    by_number = isinstance(device, int)
    find = pynvml.nvmlDeviceGetHandleByIndex if by_number else pynvml.nvmlDeviceGetHandleByUUID
    return find(device)
