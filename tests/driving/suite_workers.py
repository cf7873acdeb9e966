"""Processes that test side by side begin as copies of one that has imported and collected everything.

Each would spend nine seconds of a processor on finding the same tests. pytest-xdist begins, talks to, and
ends them as ever; where they can't be copies, they are started.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from execnet import gateway_io
from execnet.gateway_base import ExecModel, Popen2IO
from nursery import Nursery, Raised
from xdist.plugin import _sys_path as PATH

from rhoscope.local import fork, guise

PROGRAM = "import sys; sys.path[:] = {path!r}; import suite_collected as s; sys.path.pop(0); s.main()"
"""Not a file's: what a test starts through `multiprocessing` would load that file."""


class Copied(Raised):
    """A process of tests that began as a copy."""

    house: Nursery

    @property
    def home(self) -> Nursery:
        return self.house


class Line(gateway_io.Popen2IOMaster):
    """What execnet talks through with a process of tests, which it begins."""

    def __init__(self, command: Sequence[str], execmodel: ExecModel) -> None:
        try:
            self.popen = Copied(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except (OSError, ValueError):  # nobody is at home, who has said why
            self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        Popen2IO.__init__(self, self.popen.stdin, self.popen.stdout, execmodel)


def share(config: pytest.Config) -> None:
    """Let processes of tests that begin from now on be such copies."""
    if not (fork.AVAILABLE and guise.WHOLE):
        return
    program = PROGRAM.format(path=[str(Path(__file__).parent), *PATH])
    arguments = json.dumps([str(argument) for argument in config.invocation_params.args])
    Copied.house = Nursery().start("-c", program, arguments)
    vars(gateway_io).update(Popen2IOMaster=Line)
