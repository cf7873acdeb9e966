"""Other trackers get every value; one that breaks is one warning line, and hurts nobody."""

import math
import sys
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from guest_files import GuestFile
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import rhoscope
from rhoscope.tracker import reflection
from rhoscope.tracker.mirrors import open_mirror

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # tensorboard's own


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    """As TensorBoard's own reader reads them."""
    reader = EventAccumulator(str(folder)).Reload()
    return {tag: {e.step: e.value for e in reader.Scalars(tag)} for tag in reader.Tags()["scalars"]}


def test_tensorboard_has_every_value_by_its_step_and_time(tmp_path: Path) -> None:
    before = time.time()
    run = rhoscope.init("av", mode="offline", dir=tmp_path / "runs", mirror=f"tensorboard:{tmp_path / 'tb'}")
    for step in range(200):
        run.log({"rho.a": step / 8}, step)
        run.log({"loss": -step}, step)
    run.log({"gap": float("nan")}, 7)
    run.finish()
    read = scalars(tmp_path / "tb" / run.id)
    assert read["rho.a"] == {step: step / 8 for step in range(200)}
    assert read["loss"] == {step: -step for step in range(200)}
    assert math.isnan(read["gap"][7])
    (path,) = (tmp_path / "tb" / run.id).iterdir()
    reader = EventAccumulator(str(path)).Reload()
    assert all(before <= event.wall_time <= time.time() for event in reader.Scalars("loss"))


def test_a_resumed_run_replaces_in_tensorboard_what_it_replaces_here(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "mode": "offline",
        "dir": tmp_path / "runs",
        "mirror": f"tensorboard:{tmp_path}/tb",
    }
    first = rhoscope.init("av", **given)
    for step in range(5):
        first.log({"loss": float(step)}, step)
    first.finish()
    again = rhoscope.init("av", id=first.id, **given)
    again.log({"loss": 30.0}, 3)
    again.finish()
    assert scalars(tmp_path / "tb" / first.id)["loss"] == {0: 0.0, 1: 1.0, 2: 2.0, 3: 30.0}


class _Breaking:
    def __init__(self, where: str) -> None:
        self.where = where

    def _at(self, here: str) -> None:
        if here == self.where:
            raise ConnectionError("the other server is gone.")

    def write(self, *_: Any) -> None:
        self._at("write")

    def flush(self) -> None:
        self._at("flush")

    def close(self, _state: str) -> None:
        self._at("close")


@pytest.mark.parametrize("where", ["open", "write", "flush", "close"])
def test_a_mirror_that_breaks_is_one_warning_and_the_file_is_whole(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reflection, "PERIOD_S", 0.01)

    def opened(*_: Any) -> _Breaking:
        breaking = _Breaking(where)
        breaking._at("open")
        return breaking

    monkeypatch.setattr(reflection, "open_mirror", opened)
    run = rhoscope.init("av", mode="offline", dir=tmp_path, mirror="wandb")
    for step in range(20):
        run.log({"loss": 1.0}, step)
        time.sleep(0.002)
    run.finish()
    assert len(GuestFile(tmp_path).series("loss")) == 20
    (said,) = [line for line in caplog.messages if "rhoscope: " in line]
    assert said == (
        "rhoscope: the mirror 'wandb' takes nothing any more (the other server is gone); training goes on."
    )


def test_a_mirror_that_hangs_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    free = threading.Event()
    monkeypatch.setattr(reflection, "open_mirror", lambda *_: free.wait(60))
    monkeypatch.setattr("rhoscope.tracker.run.FAREWELL_S", 0.05)
    run = rhoscope.init("av", mode="offline", dir=tmp_path, mirror=["wandb"])
    run.log({"loss": 1.0})
    run.finish()
    assert "has not taken everything yet" in caplog.text
    free.set()


@pytest.mark.parametrize(
    ("mirror", "words"),
    [
        ("tensorbord:x", "expected mlflow, tensorboard or wandb"),
        ("", None),
        (["", "x"], "expected mlflow, tensorboard or wandb"),
        (
            "mlflow:http://127.0.0.1:9",
            r"needs mlflow, which is not installed: pip install mlflow-skinny",
        ),
    ],
)
def test_a_mirror_that_there_is_not_is_said_and_init_does_not_raise(
    mirror: Any,
    words: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setitem(sys.modules, "mlflow.entities", None)
    run = rhoscope.init("av", mode="offline", dir=tmp_path, mirror=mirror)
    run.log({"loss": 1.0})
    run.finish()
    assert (words in caplog.text) if words else not caplog.text
    assert len(GuestFile(tmp_path).series("loss")) == 1


class _Noted(ModuleType):
    """Stands for a library that is no dependency of ours: it notes every call."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*given: Any, **named: Any) -> Any:
            self.calls.append((name, given, named))
            return self if name in ("init", "MlflowClient") else SimpleNamespace(**named, given=given)

        return call


def test_wandb_gets_rows_under_a_step_of_our_own_since_its_own_refuses_late_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted = _Noted("wandb")
    monkeypatch.setitem(sys.modules, "wandb", noted)
    spec = rhoscope.tracker.start._spec("one", {"project": "av"}, {"lr": 0.1}, lambda *_: None)
    mirror = open_mirror("wandb:other", spec, 1)
    mirror.write(3, 100.5, {"loss": 0.5})
    mirror.close("failed")
    calls = {name: (given, named) for name, given, named in noted.calls}
    begun = calls["init"][1]
    assert (begun["project"], begun["id"], begun["config"]) == ("other", "one", {"lr": 0.1})
    assert calls["define_metric"] == (("*",), {"step_metric": "step"})
    assert calls["log"][0] == ({"loss": 0.5, "step": 3, "_timestamp": 100.5},)
    assert calls["finish"][1] == {"exit_code": 1}
