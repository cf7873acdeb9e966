"""What a process uses of its machine: read without torch, as means that come ever more seldom."""

import threading
import types
from typing import Any

import pytest

from rhoscope import nvml, system
from rhoscope.system import Gauges, Means, Sampler


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> None:
    """One NVIDIA device that has no sensor of power, as NVML shows it."""

    class NVMLError(Exception):
        pass

    def no_power(_handle: object) -> None:
        raise NVMLError

    fake: Any = types.ModuleType("pynvml")
    fake.NVMLError, fake.NVML_TEMPERATURE_GPU = NVMLError, 0
    fake.nvmlInit = lambda: None
    fake.nvmlDeviceGetCount = lambda: 1
    fake.nvmlDeviceGetHandleByIndex = fake.nvmlDeviceGetHandleByUUID = lambda number: number
    fake.nvmlDeviceGetName = lambda _: "H200"
    fake.nvmlDeviceGetMemoryInfo = lambda _: types.SimpleNamespace(used=2**30, total=2**32)
    fake.nvmlDeviceGetTemperature = lambda *_: 51
    fake.nvmlDeviceGetUtilizationRates = lambda _: types.SimpleNamespace(gpu=25)
    fake.nvmlDeviceGetPowerUsage = no_power
    monkeypatch.setitem(__import__("sys").modules, "pynvml", fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("device")
def test_what_is_read_is_declared_and_what_can_not_be_had_is_left_out() -> None:
    gauges = Gauges()
    gauges.begin()
    declared, result = {series.name for series in gauges.series()}, gauges.read()
    assert result.keys() <= declared
    assert result["system.memory"] > 1
    assert result["system.cpu"] >= 0
    assert (result["system.gpu.0"], result["system.gpu_memory.0"]) == (0.25, 1024.0)
    assert "system.gpu_power.0" not in result
    assert nvml.names() == ["H200"]


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(
    ("given", "devices"), [("", []), ("-1", []), ("3, 1", [3, 1]), ("GPU-4f", ["GPU-4f"]), (None, [0])]
)
def test_only_devices_that_the_process_may_use_are_read(
    given: str | None, devices: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if given is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert nvml.visible() == devices


def test_a_week_of_samples_is_a_few_thousand_values() -> None:
    means = Means()
    count = sum(bool(means.add({"a": 1.0}, 10.0 * n)) for n in range(6 * 60 * 24 * 7))
    assert 1000 < count < 3000


def test_a_sampler_reports_from_its_own_thread_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "EVERY_S", 0.01)
    monkeypatch.setattr(system, "SPACING", 10**9)
    seen, there = [], threading.Event()

    def report(values: dict[str, float]) -> None:
        seen.append((threading.current_thread().name, values))
        if len(seen) == 3:
            sampler.stop()
            there.set()

    sampler = Sampler()
    sampler.start(report)
    assert there.wait(20)
    assert {name for name, _ in seen} == {"rhoscope-system"}
    assert all("system.memory" in values for _, values in seen)
