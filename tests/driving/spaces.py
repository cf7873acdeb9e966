"""Namespaces of Linux: which ones a process is in, and how another one enters them."""

import ctypes
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rhoscope.local.process import die_with_parent

KINDS = {"user": 0x10000000, "pid": 0x20000000, "mnt": 0x00020000, "uts": 0x04000000, "net": 0x40000000}
"""In the order in which they are entered, with their numbers for `setns(2)`."""
THREAD = "thread-self"


@contextmanager
def of(process: str | int = THREAD) -> Iterator[list[int]]:
    """File descriptors of the namespaces of this thread, or of another process, one of each kind."""
    with ExitStack() as opened:
        yield [opened.enter_context(Path(f"/proc/{process}/ns/{kind}").open()).fileno() for kind in KINDS]


def enter(spaces: Sequence[int]) -> None:
    """Let this process, which has one thread, be in these; those that it is in already stay.

    Where others are numbered, it is a child that goes on, and ends no later; we wait for it.

    Raises: OSError.
    """
    here = [Path("/proc/self/ns", kind).stat().st_ino for kind in KINDS]
    others = {
        kind: space
        for kind, space, ours in zip(KINDS, spaces, here, strict=True)
        if os.fstat(space).st_ino != ours
    }
    for kind, space in others.items():
        call("setns", space, KINDS[kind])
    if "pid" in others:
        if child := os.fork():
            os._exit(abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
        die_with_parent(signal.SIGKILL)


def call(name: str, *arguments: int) -> None:
    """A system call that Python 3.11 has no name for. Raises: OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
