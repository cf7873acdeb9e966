"""Use of the machine by a training process: processor, memory, disk, network, GPUs; read in a thread."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil

from rhoscope import nvml
from rhoscope.series import Series

EVERY_S = 10.0
"""Seconds between two samples; a tenth of it after the start, counting begins."""
STOP_S = 2.0
"""Longest wait for a sample that is being taken when sampling stops."""
SPACING = 360
"""Means are reported ever more seldom, every 360th of the time so far: 360 of an hour, 2,000 of a week."""
Values = dict[str, float]
Report = Callable[[Values], None]

_MIB = 2.0**20


def _series(name: str, title: str, unit: str, formula: str, help: str) -> Series:
    chart = name.rpartition(".")[0] if name.count(".") > 1 else name
    return Series(
        name=name, title=title, unit=unit, formula=formula, help=help, chart=chart, sparse=True
    ).model_copy(update={"role": name.rpartition(".")[2] if name.count(".") > 1 else ""})


_HOST = (
    ("cpu", "Processors in use", "1", "CPU time / time", "Processors that the process and its children use."),
    ("memory", "Memory of the process", "MiB", "resident set", "Memory of the process and its children."),
    ("disk", "Disk", "MiB/s", "(bytes read + written) / time", "What the process reads and writes."),
    ("network", "Network", "MiB/s", "(bytes in + out) / time", "Traffic of the machine or container."),
)
_DEVICE = (
    ("gpu", "GPU in use", "1", "share of time with a kernel", "NVML's utilization of the device."),
    ("gpu_memory", "GPU memory", "MiB", "used memory", "Memory in use on the device, by anyone."),
    ("gpu_power", "GPU power", "W", "power draw", "A device that waits for data draws little."),
    ("gpu_temperature", "GPU temperature", "°C", "sensor", "Hot devices slow down."),
)


class Gauges:
    """Reads the machine. A value that can't be had is left out."""

    def __init__(self) -> None:
        self._own = psutil.Process()
        self._devices = nvml.visible()
        self._before: tuple[float, dict[str, float]] = (time.monotonic(), {})

    def begin(self) -> None:
        """Count from now on."""
        self._before = time.monotonic(), self._counters()

    def series(self) -> list[Series]:
        """Declarations of what is measured here."""
        host = [_series(f"system.{name}", *about) for name, *about in _HOST]
        devices = range(len(self._devices))
        return host + [_series(f"system.{name}.{i}", *about) for name, *about in _DEVICE for i in devices]

    def read(self) -> Values:
        """Present values by series; rates since the last reading, or since `begin`."""
        now, counters = time.monotonic(), self._counters()
        since, before = self._before
        self._before = now, counters
        span = max(1e-3, now - since)
        rates = {n: max(0.0, counters[n] - before[n]) / span for n in counters if n in before}
        memory = sum(one.memory_info().rss for one in self._family()) / _MIB
        return {"system.memory": memory, **rates, **dict(self._of_devices())}

    def _family(self) -> Iterator[psutil.Process]:
        with suppress(psutil.Error, OSError):
            for one in (self._own, *self._own.children(recursive=True)):
                with suppress(psutil.Error, OSError):
                    one.memory_info()
                    yield one

    def _counters(self) -> dict[str, float]:
        """Processor seconds and MiB so far."""
        values: dict[str, float] = {"system.cpu": 0.0}
        for one in self._family():
            with suppress(psutil.Error, OSError):
                times = one.cpu_times()
                values["system.cpu"] += times.user + times.system
        with suppress(psutil.Error, OSError, AttributeError):  # not on every system
            own = self._own.io_counters()
            values["system.disk"] = (own.read_bytes + own.write_bytes) / _MIB
        with suppress(psutil.Error, OSError):
            net = psutil.net_io_counters()
            values |= {"system.network": (net.bytes_recv + net.bytes_sent) / _MIB} if net else {}
        return values

    def _of_devices(self) -> Iterator[tuple[str, float]]:
        for i, device in enumerate(self._devices):
            reading = nvml.of(device)
            if reading is None:
                continue
            yield f"system.gpu.{i}", reading.utilization
            yield f"system.gpu_memory.{i}", reading.memory_used / _MIB
            yield f"system.gpu_temperature.{i}", reading.temperature
            if math.isfinite(reading.power):
                yield f"system.gpu_power.{i}", reading.power


class Means:
    """Means of samples, due ever more seldom."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[float, int]] = {}
        self._due = 0.0

    def add(self, values: Values, elapsed: float) -> Values:
        """Take a sample `elapsed` seconds after the start; the means, when they are due.

        >>> means = Means()
        >>> means.add({"a": 1.0}, 0.0), means.add({"a": 2.0}, 3600.0)
        ({'a': 1.0}, {'a': 2.0})
        >>> means.add({"a": 4.0}, 3605.0), means.add({"a": 6.0}, 3610.0)
        ({}, {'a': 5.0})
        """
        for name, value in values.items():
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total + value, count + 1)
        if elapsed < self._due:
            return {}
        self._due = elapsed + elapsed / SPACING
        means = {name: total / count for name, (total, count) in self._sums.items()}
        self._sums.clear()
        return means


class Sampler:
    """A thread that hands means to whoever takes them, until `stop`; training does not wait for it."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._gauges = Gauges()
        self.series = self._gauges.series()

    def start(self, report: Report) -> None:
        """Begin; the first values come after a little more than `EVERY_S`."""
        self._thread = threading.Thread(
            target=self._sample, args=(report,), name="rhoscope-system", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Report no more: what is on its way has been handed over when this returns, or never is."""
        self._ending.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(STOP_S)

    def _sample(self, report: Report) -> None:
        began, means = time.monotonic(), Means()
        if self._ending.wait(
            EVERY_S / 10
        ):  # it looks at all processes: a run that ends at once needs none of it
            return
        with suppress(psutil.Error, OSError):
            self._gauges.begin()
        while not self._ending.wait(EVERY_S):
            with suppress(psutil.Error, OSError, ValueError):
                values = means.add(self._gauges.read(), time.monotonic() - began)
                if values and not self._ending.is_set():
                    report(values)
