"""What can go wrong on a machine, done to a running instrument and undone again."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from instrument import Instrument

PROGRAMS = {
    "backend": "-m backend",
    "redis": "valkey-server",
    "training process": "trainer.run",
    "worker": "trainer.worker --device",
    "rq worker": "trainer.worker --listen",
    "dashboard": "-m dashboard",
    "agent": "trainer.worker --listen",
}
"""What `rhoscope up` runs, and what its command line holds; an agent is forked by an RQ worker."""


def kill(instrument: Instrument, program: str) -> None:
    """SIGKILL; nothing where the program does not run at this moment."""
    victims = instrument.programs(PROGRAMS[program])
    if program == "agent":
        victims = [one for one in victims if one.ppid() in {rq.pid for rq in victims}]
    for victim in victims[:1]:
        victim.send_signal(signal.SIGKILL)


@contextmanager
def frozen(instrument: Instrument, *programs: str) -> Iterator[list[psutil.Process]]:
    """SIGSTOP all processes of these programs, and SIGCONT them at the end."""
    victims = [p for program in programs for p in instrument.programs(PROGRAMS[program])]
    for victim in victims:
        victim.send_signal(signal.SIGSTOP)
    try:
        yield victims
    finally:
        for victim in victims:
            if victim.is_running():
                victim.send_signal(signal.SIGCONT)


def schedule(seed: int, faults: int) -> list[tuple[str, Callable[[Instrument], None]]]:
    """A seeded order of faults, each with what to call it."""
    drawn = random.Random(seed)
    kinds = [(f"kill the {name}", _killer(name)) for name in PROGRAMS]
    kinds += [(f"freeze the {name}", _freezer(name)) for name in ("redis", "backend", "rq worker")]
    return [drawn.choice(kinds) for _ in range(faults)]


def _killer(program: str) -> Callable[[Instrument], None]:
    return lambda instrument: kill(instrument, program)


def _freezer(program: str) -> Callable[[Instrument], None]:
    def freeze(instrument: Instrument) -> None:
        with frozen(instrument, program):
            time.sleep(4)

    return freeze


def namespace(*kinds: str) -> list[str]:
    """`unshare` with namespaces of these kinds; in a user namespace of one's own where we are not root."""
    return ["unshare", *kinds] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", *kinds]


def small_disk(folder: Path, megabytes: int) -> list[str]:
    """A command that runs the one after it where `folder` is a disk of this size."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = f"mount -t tmpfs -o size={megabytes}m small '{folder}' && exec \"$@\""
    return [*namespace("--mount"), "sh", "-c", mount, "sh"]


@contextmanager
def full(instrument: Instrument, folder: Path) -> Iterator[None]:
    """The disk that `folder` is for the instrument has no byte left."""
    if instrument.process is None:
        raise RuntimeError("the instrument does not run")
    filler = Path(f"/proc/{instrument.process.pid}/root") / folder.relative_to("/") / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(2**16))
        except OSError:
            pass
        for size in (4096, 512, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def moved_clock(timing: Path) -> dict[str, str]:
    """Variables under which Python programs read the wall clock moved by the seconds `timing` holds: `+3600`.

    The monotonic clock stays. libfaketime can't do it: its sleep refuses the absolute times of Python's.
    """
    timing.write_text("+0\n")
    return {"FAKETIME_TIMESTAMP_FILE": str(timing), "PYTHONPATH": str(Path(__file__).parent / "clock")}


def moved_server_clock(timing: Path) -> dict[str, str]:
    """The same for a program in C, by libfaketime."""
    result = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not result:
        raise RuntimeError("libfaketime is missing; .ci/system installs it")
    timing.write_text("+0\n")
    return {
        "LD_PRELOAD": str(result[0]),
        "FAKETIME_TIMESTAMP_FILE": str(timing),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
