"""The process beside a user's program: one attempt at its run.

    python -m trainer.programs.host --run ID --attempt N [--deadline-file PATH]

It starts the program, sends what that reports, hands it its orders, and ends it: when it is ordered to stop,
when the worker ends, or when another attempt took over. It ends as `trainer.run` does: with code 0 once an
outcome is recorded, and with 75 when there is none, so that another attempt follows.

A program can't be held at a deadline between two steps. While Redis is away it goes on, and its records wait
in its journal; once the lease is lost it is terminated, and nothing that it wrote since is taken.
"""

import argparse
import logging
import os
import platform
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.commands import Command, Resumption
from rhoscope.environment import Environment
from rhoscope.errors import NotFound, RhoscopeError
from rhoscope.guests import Numbered
from rhoscope.local.process import carrying, end_all, watch_parent
from rhoscope.projects import command
from rhoscope.projects.file import Project
from rhoscope.projects.lookup import named
from rhoscope.spec import RunSpec
from rhoscope.tracker.checkpoints import inherit
from rhoscope.tracker.console import portions
from rhoscope.tracker.launched import Launched, append
from trainer.attempt.controls import Controls
from trainer.connection import connect
from trainer.programs.child import Child, killer
from trainer.programs.environment import environment as environment_of
from trainer.programs.reports import Reports
from trainer.telemetry.publisher import Publisher

LOOK_S = 0.05
PRINT_S = 0.25
"""So often its output is sent."""
PATIENCE_S = 10.0
"""Seconds that a program which reports has to stop by itself, before it is terminated."""
FAREWELL_S = 3.0
NO_OUTCOME = 75
LONGEST_REASON = 2000
CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")
"""Signals of a program's own fault, before which it may have said what is wrong."""
log = logging.getLogger("rhoscope.programs")


@dataclass
class Order:
    """The order to end, once there is one."""

    verb: str = ""
    who: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass
class Host:
    """One attempt while its program runs."""

    child: Child
    launched: Launched
    reports: Reports
    publisher: Publisher
    controls: Controls
    order: Order | None = None
    printed: float = 0.0

    def watch(self) -> bool:
        """Until the program has ended; whether an outcome may be recorded then."""
        while self.child.code() is None:
            if self.controls.terminated or self.publisher.fenced:
                self.child.end()
                break
            self._obey()
            self._send()
            time.sleep(LOOK_S)
        self.child.clear()
        self.child.drain(self._send)
        self._send(whole=True)
        return not (self.controls.terminated or self.publisher.fenced)

    def _send(self, *, whole: bool = False) -> None:
        if self.publisher.full and not whole:
            return  # the journal holds it
        try:
            for kind, data in self.reports.read(whole=whole):
                self.publisher.record(kind, data)
        except (OSError, KeyError, ValueError, struct.error) as error:
            log.warning("A part of the program's journal can't be read: %r", error)
        self._print(whole=whole)

    def _print(self, *, whole: bool) -> None:
        if not whole and time.monotonic() - self.printed < PRINT_S:
            return
        self.printed = time.monotonic()
        for lines in portions(self.child.printed.lines(whole=whole)):
            self.publisher.event("console", self.reports.step, lines=lines)

    def _obey(self) -> None:
        for entry, order in self.controls.waiting():
            self._hand_on(entry, order)
            self.controls.settle(entry)
        if self.order is None:
            return
        if not self.reports.there or time.monotonic() - self.order.at > PATIENCE_S:
            self.child.terminate()
        self.child.turn()

    def _hand_on(self, entry: str, order: Command) -> None:
        if order.verb in ("stop", "pause") and order.step is None and self.order is None:
            self.order = Order(order.verb, order.who)
        number = int(entry.partition("-")[0])
        try:
            append(self.launched.orders, Numbered(number=number, command=order))
        except OSError as error:
            log.warning("An order can't be handed on: %s", error)

    def outcome(self) -> tuple[str, str] | None:
        """State and reason; None where the program was killed from outside, and is to be tried again."""
        code = self.child.code() or 0
        crashed = code > 0 and not killer(code) and not self.child.terminated
        if self.order and not (crashed and self.order.verb == "pause"):
            word = "Stopped" if self.order.verb == "stop" else "Paused"
            return word.lower(), f"{word} by {self.order.who or 'a user'}."
        if signal := killer(code):
            self._note_cause(signal)
            return None
        said = self.reports.said
        if code:
            words = self.child.last_words() or (said.reason if said else "")
            reason = f"The program ended with code {code}" + (f": {words}" if words else ".")
            return "failed", reason[:LONGEST_REASON]
        if said and said.state in ("failed", "stopped"):
            return said.state, said.reason
        return "completed", said.reason if said else ""

    def _note_cause(self, signal: str) -> None:
        """Why another attempt is to follow."""
        line = f"The program was ended by {signal} at step {self.reports.step}."
        words = self.child.last_words() if signal in CRASHES else ""
        line = f"{line} Its last words: {words}" if words else line
        self.publisher.event("log", self.reports.step, line=line[:LONGEST_REASON], cause=True)


def attempt(run: str, number: int) -> int:
    """Run one attempt of a program; returns the exit code."""
    controls = Controls()
    controls.on_signals()
    environment = Environment.load()
    redis = connect(environment.broker_url)
    spec, resumption = _read(redis, run, controls)
    launched = Launched(run, number, (environment.data_dir / "programs" / run).absolute())
    try:
        project, child = _start(spec, environment, launched, resumption)
    except (RhoscopeError, OSError) as error:
        publisher = Publisher(environment.broker_url, run, number)
        reason = (
            error.detail if isinstance(error, RhoscopeError) else f"The program can't be started: {error}."
        )
        return _farewell(publisher, controls, ("failed", reason), resumption.step)
    worker = os.environ.get("RHOSCOPE_WORKER", platform.node())
    publisher = Publisher(environment.broker_url, run, number)
    host = Host(child, launched, Reports(launched, worker), publisher, controls)
    host.reports.step = resumption.step
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu"
    publisher.event("started", resumption.step, start_step=resumption.step, worker=worker, device=device)
    _note_left_out(publisher, project, spec, resumption.step)
    log.info("Program %s of %s was started as process %d.", project.name, project.file, child.pid)
    controls.follow(redis, run, f"{resumption.after}-0")
    outcome = host.outcome() if host.watch() else None
    code = _farewell(publisher, controls, outcome, host.reports.step)
    if code == 0:
        launched.clear()
    return code


def _note_left_out(publisher: Publisher, project: Project, spec: RunSpec, step: int) -> None:
    """Settings that the file declared when the run was launched, and on this machine does not."""
    missing = sorted(spec.settings.keys() - {one.name for one in project.settings})
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        line = f"Left out, since {project.file} declares no such setting: {names}."
        publisher.event("log", step, line=line)


def _farewell(publisher: Publisher, controls: Controls, outcome: tuple[str, str] | None, step: int) -> int:
    """Record the outcome, if there is one, and wait until all is delivered."""
    if outcome:
        publisher.event("finished", step, state=outcome[0], reason=outcome[1])
    since = time.monotonic()
    while not publisher.close(0.1):
        late = time.monotonic() - since > FAREWELL_S
        if not publisher.running or (late and (outcome is None or controls.terminated)):
            return NO_OUTCOME
    return 0 if outcome and not publisher.fenced else NO_OUTCOME


def _read(redis: Redis, run: str, controls: Controls) -> tuple[RunSpec, Resumption]:
    """The specification, and where to go on; waits while Redis is away.

    Raises:
        NotFound: when there is none, or terminated meanwhile.
    """
    while not controls.terminated:
        try:
            text, place = redis.mget([keys.spec(run), keys.resumption(run)])
        except RedisError as error:
            log.warning("The specification can't be read (%s); trying again.", error)
            time.sleep(0.5)
            continue
        if text is None:
            break
        resumption = Resumption.model_validate_json(place) if place else Resumption()
        return RunSpec.model_validate_json(text), resumption
    raise NotFound(f"There is no specification of run {run} in Redis.")


def _start(
    spec: RunSpec, environment: Environment, launched: Launched, resumption: Resumption
) -> tuple[Project, Child]:
    """Start the program. Before any thread is: what is forked has none.

    Raises:
        RhoscopeError: when this machine has no such project, the settings do not fit it, or its checkpoint is
            not here.
        OSError: when its folder can't be made.
    """
    project = named(spec.program, environment.projects, os.environ.get("PATH", os.defpath))
    chosen = command.values(project.settings, spec.settings)
    if resumption.path and "://" not in resumption.path and not Path(resumption.path).exists():
        message = f"Checkpoint {resumption.path} of step {resumption.step} is not on this machine; "
        raise NotFound(f"{message}let all workers of the program share the folder of its checkpoints.")
    launched.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    end_all(carrying("RHOSCOPE_RUN", launched.run), 1)  # what an attempt left behind whose host was killed
    launched.clear()
    inherit(launched.folder, resumption.kept)
    words: Sequence[str] = [
        project.executable(os.environ.get("PATH", os.defpath)),
        *project.command[1:],
        *command.arguments(project.settings, chosen),
    ]
    return project, Child(
        words, project.folder, environment_of(os.environ, project, chosen, launched, resumption)
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer.programs.host")
    parser.add_argument("--run", required=True)
    parser.add_argument("--attempt", type=int, required=True)
    parser.add_argument("--deadline-file", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    watch_parent()
    try:
        return attempt(keys.run_id(options.run), options.attempt)
    except RhoscopeError as error:
        log.error("%s", error.detail)
        return error.exit_code
    finally:
        if options.deadline_file:  # the agent may have been killed; no other begins before us
            with suppress(OSError):
                options.deadline_file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
