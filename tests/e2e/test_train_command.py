"""`rhoscope train`: however a run ends, it ends with its last values and the reason."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import nursery
import psutil
import pytest
from instrument import wait_for
from nursery import RHOSCOPE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
SLOW = ("dataset=synthetic", "train_size=640", "batch_size=16", "epochs=500", "step_delay_ms=5")


@contextmanager
def training(*settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`rhoscope train` on a terminal that shows its progress on the error output."""
    words = [word for setting in settings for word in ("--set", setting)]
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": "200"}
    process = nursery.begin(
        [RHOSCOPE, "train", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        for left in [*_family(process), process]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        process.communicate()


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that train for it."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _loading(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its family once that runs its own program; one stopped earlier keeps its parent from going on."""
    return [child for child in _family(process) if "trainer.run" in child.cmdline()]


def until(process: subprocess.Popen[bytes], words: bytes) -> None:
    """Read the error output until these words were in it."""
    seen = b""
    assert process.stderr is not None
    while words not in seen:
        piece = os.read(process.stderr.fileno(), 4096)
        assert piece, seen
        seen += piece


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """Exit code, output, error output; without colors."""
    out, err = process.communicate(timeout=120)
    plain = [re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", text).decode() for text in (out, err)]
    assert "Traceback" not in "".join(plain)
    return process.returncode, " ".join(plain[0].split()), " ".join(plain[1].split())


def test_an_interrupted_run_ends_in_its_last_values_and_the_reason() -> None:
    with training(*SLOW) as process:
        until(process, b"rho.fast")
        process.send_signal(signal.SIGINT)
        code, out, _ = ended(process)
    assert code == 0
    assert all(name in out for name in ("last value", "loss", "rho.fast", "lr"))
    assert re.search(r"stopped at step (\d+)\. Stopped at step \1 by interrupt\.", out)


def test_the_final_values_come_after_epochs_with_tables_as_well() -> None:
    with training("dataset=synthetic", "train_size=128", "batch_size=16", "epochs=3") as process:
        code, out, _ = ended(process)
    assert code == 0
    assert "test.accuracy" in out
    assert "completed at step 24. All 3 epochs completed." in out


@pytest.mark.parametrize("processes", [1, 2])
def test_an_interrupt_while_it_loads_counts_once_it_could_begin(processes: int) -> None:
    with training(*SLOW, f"processes={processes}") as process:
        until(process, b"loading")
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)
    assert code == 0
    assert "Ctrl-C again ends it at once" in err
    assert re.search(r"stopped at step \d+\. Stopped at step \d+ by interrupt\.", out)


def test_a_second_interrupt_ends_everything_at_once() -> None:
    with training(*SLOW) as process:
        family = wait_for(lambda: _loading(process), 60, "a training process")
        for child in family:
            child.suspend()  # a data set that never loads
        process.send_signal(signal.SIGINT)
        until(process, b"Ctrl-C again")
        process.send_signal(signal.SIGINT)
        code, out, _ = ended(process)
    assert code == 0
    assert "stopped at step 0. Ended by Ctrl-C." in out
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family)


def test_a_run_that_diverges_after_its_first_epoch_says_why() -> None:
    wild = ("lr=40", "warmup=20", "momentum=0.99", "epochs=40")
    with training(*wild, "dataset=synthetic", "train_size=640", "batch_size=16") as process:
        code, out, _ = ended(process)
    assert code == 1
    assert re.search(r"failed at step \d+\. The loss was not a finite number at step \d+", out)
    assert "a lower learning rate than 40 may help" in out
    assert "last value" in out


def test_a_training_process_that_is_killed_is_told_from_one_that_was_stopped() -> None:
    with training(*SLOW) as process:
        until(process, b"rho.fast")
        (child,) = psutil.Process(process.pid).children()
        child.kill()
        code, out, _ = ended(process)
    assert code == 1
    assert "The training process was ended by SIGKILL." in out
    assert "rho.fast" in out


def test_markup_in_a_name_is_no_markup() -> None:
    with training("name=x [/old]", "alpha=-1") as process:
        code, _, err = ended(process)
    assert code == 2
    assert "x [/old]" in err
    assert "alpha" in err
