"""What a copy starts, and what it turns into by `os.execv`, begins with all that is loaded, too."""

import importlib
import inspect
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from loaded import RHOSCOPE

from rhoscope.local import fork

STARTING = ("rhoscope.cli.looking", "rhoscope.cli.train")
"""Modules of commands that start programs, of which each would load torch."""
TORCHRUN = "torch.distributed.run"
GROUP = "torch.distributed.elastic.multiprocessing.subprocess_handler.subprocess_handler"
"""The module with which it starts the processes of a group."""
MEETING = "torch.distributed.elastic.rendezvous.dynamic_rendezvous"
"""The module with which these meet; its log names the function that writes."""
Popen = Callable[..., Any]


def spread(command: Sequence[str], popen: Popen, ours: Callable[[Sequence[str]], bool]) -> None:
    """In the copy that is this program: let what follows from it be copies; `popen` starts them.

    `ours` says of a command whether it may be one.
    """
    vars(os).update(execv=partial(turn, os.execv, popen, ours))
    if command[0] == RHOSCOPE:
        for name in STARTING:
            vars(importlib.import_module(name)).update(subprocess=SimpleNamespace(Popen=popen, PIPE=-1))
    elif command[2] == TORCHRUN:
        vars(importlib.import_module(GROUP)).update(Popen=partial(member, popen))
        vars(importlib.import_module(MEETING)).update(get_method_name=writer)


def turn(
    execv: Callable[[str, Sequence[str]], None],
    popen: Popen,
    ours: Callable[[Sequence[str]], bool],
    path: str,
    command: Sequence[str],
) -> None:
    """As `os.execv`, which keeps nothing but the environment, the directory, the signals that are blocked."""
    if path != sys.executable or not ours(command) or threading.active_count() > 1:
        execv(path, command)
    vars(os).update(execv=execv)

    def whole() -> int:
        fork.become(command, dict(os.environ))
        spread(command, popen, ours)
        return fork.run_module(command[2])

    fork.perform(whole)


def member(popen: Popen, args: Sequence[str], **options: Any) -> Any:
    """One process of torchrun's; a copy writes line by line without being told to."""
    return popen([word for word in args if word != "-u"], **options)


def writer(depth: int = 2) -> str:
    """The name of a function that called: torchrun's own reads the source of all callers for it.

    To find one, it looks through all modules that are loaded, which are thousands in a copy.
    """
    frame = inspect.currentframe()
    for _ in range(depth):
        frame = frame and frame.f_back
    return frame.f_code.co_name if frame else ""
