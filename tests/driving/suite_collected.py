"""The process that has collected all tests, of which those that run them are copies (`suite_workers.py`).

It is one of pytest's up to the point where tests would run; a copy goes on from there as one of
pytest-xdist's, by the same lines of execnet and xdist.
"""

import atexit
import importlib
import json
import os
import random
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import _pytest.config
import numpy as np
import pytest
from _pytest.tmpdir import TempPathFactory
from loaded import lone
from nursery import serve

from rhoscope.local.process import die_with_parent


class Collected:
    """A plugin: it keeps what a process of xdist's would have said by then, for those who go on."""

    def __init__(self, door: socket.socket) -> None:
        self.door = door
        self.session: pytest.Session | None = None
        self.reports: list[pytest.CollectReport] = []

    def collect(self, arguments: Sequence[str]) -> None:
        """All that pytest does with these arguments until tests would run."""
        importlib.import_module("torch._dynamo")  # what each would load with its first seed
        config = _pytest.config._prepareconfig([*arguments], [self])
        importlib.import_module("xdist.remote").setup_config(config, None)
        session = pytest.Session.from_config(config)
        config._do_configure()
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
        lone()
        self.session = session

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if self.session is None:
            self.reports.append(report)

    def go_on(self, request: Mapping[str, Any], files: Sequence[int], parent: int) -> int:
        """Be one of xdist's processes, in a copy that has just begun."""
        config = self._session.config
        capture = config.pluginmanager.getplugin("capturemanager")
        capture.stop_global_capturing()
        self.door.close()
        for place, number in enumerate(files):
            if place <= sys.stderr.fileno():
                os.dup2(number, place)
            os.close(number)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        die_with_parent(parent=parent)
        random.seed()
        np.random.seed()
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)

        def prepared(*_: object) -> pytest.Config:
            """What pytest would do for xdist first: it is done."""
            capture.start_global_capturing()
            capture.suspend_global_capture()
            return config

        vars(_pytest.config)["_prepareconfig"] = prepared
        exec(eval(sys.stdin.readline()), {})  # the line of execnet's that its processes are started with
        atexit._run_exitfuncs()
        return 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Run tests, and end, as the rest of a session has it."""
        session, plugins = self._session, config.pluginmanager.get_plugins()
        vars(config)["_tmp_path_factory"] = TempPathFactory.from_config(config, _ispytest=True)
        (orders,) = (plugin for plugin in plugins if type(plugin).__name__ == "WorkerInteractor")
        orders.pytest_sessionstart(session)
        orders.pytest_collection()
        for report in self.reports:
            orders.pytest_collectreport(report)
        orders.pytest_collection_modifyitems(config, session.items)
        orders.pytest_collection_finish(session)
        session.exitstatus = _tested(session)
        os.chdir(session.startpath)
        config.hook.pytest_sessionfinish(session=session, exitstatus=session.exitstatus)
        config._ensure_unconfigure()
        return int(session.exitstatus)

    @property
    def _session(self) -> pytest.Session:
        assert self.session is not None
        return self.session


def _tested(session: pytest.Session) -> pytest.ExitCode:
    """Run tests, and do as `_pytest.main.wrap_session` does with what goes wrong."""
    hook = session.config.hook
    try:
        hook.pytest_runtestloop(session=session)
    except pytest.Session.Failed:
        return pytest.ExitCode.TESTS_FAILED
    except (KeyboardInterrupt, pytest.exit.Exception):
        hook.pytest_keyboard_interrupt(excinfo=pytest.ExceptionInfo.from_current())
        return pytest.ExitCode.INTERRUPTED
    except BaseException:  # noqa: BLE001 -- the same as pytest does with it
        session.config.notify_exception(pytest.ExceptionInfo.from_current(), session.config.option)
        return pytest.ExitCode.INTERNAL_ERROR
    if session.testsfailed:
        return pytest.ExitCode.TESTS_FAILED
    return pytest.ExitCode.OK if session.testscollected else pytest.ExitCode.NO_TESTS_COLLECTED


def main() -> None:
    """Collect, and serve whoever asks for copies until nobody is left."""
    with socket.socket(fileno=int(sys.argv[2])) as door:
        collected = Collected(door)
        collected.collect(json.loads(sys.argv[1]))
        sys.exit(serve(door, collected.go_on))
