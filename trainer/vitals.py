"""Memory, load and temperature of a device; by NVML for NVIDIA devices, and without torch."""

import logging

import psutil

from rhoscope import nvml

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
    reading = nvml.of(number)
    if reading is None:
        return dict.fromkeys(("memory_used", "memory_total", "utilisation", "temperature"))
    return {
        "memory_used": reading.memory_used,
        "memory_total": reading.memory_total,
        "utilisation": reading.utilization,
        "temperature": reading.temperature,
    }
