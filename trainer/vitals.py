"""Memory, load and temperature of a device; by NVML for NVIDIA devices, and without torch."""

import logging
from contextlib import suppress
from typing import Any

import psutil

log = logging.getLogger("rhoscope.vitals")
Vitals = dict[str, float | None]


def of(device: str) -> Vitals:
    """`memory_used`, `memory_total` (bytes), `utilisation` (0 to 1), `temperature` (°C); None where unknown.

    `device` is "cpu" or a GPU's number.
    """
    return _of_cpu() if device == "cpu" else _of_gpu(int(device))


def _of_cpu() -> Vitals:
    memory = psutil.virtual_memory()
    return {
        "memory_used": float(memory.total - memory.available),
        "memory_total": float(memory.total),
        "utilisation": psutil.cpu_percent() / 100,
        "temperature": None,
    }


def _of_gpu(number: int) -> Vitals:
    nothing: Vitals = dict.fromkeys(("memory_used", "memory_total", "utilisation", "temperature"))
    try:
        import pynvml  # noqa: PLC0415 -- only where there is a GPU
    except ImportError:
        return nothing
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        handle: Any = pynvml.nvmlDeviceGetHandleByIndex(number)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        celsius = pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)
        load = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu
        return {
            "memory_used": float(memory.used),
            "memory_total": float(memory.total),
            "utilisation": load / 100,
            "temperature": float(celsius),
        }
    return nothing
