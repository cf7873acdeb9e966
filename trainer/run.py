"""The training process: one attempt at one run.

    python -m trainer.run --run ID --attempt N [--deadline-file PATH]
    python -m trainer.run --local SPEC.json [--checkpoints FOLDER]

The first form reads the run's resolved specification from Redis and writes records to the run's stream. It
ends with code 0 once an outcome is recorded, whatever it is, and with 75 when this attempt may not go on
(its lease was lost, a later attempt wrote, SIGTERM): then without an outcome.

The second needs no server. It reads a RunSpec as JSON from the file (`-`: standard input) and writes one JSON
object per line to standard output: every event as `rhoscope.records.Event` documents it (started, epoch,
values, table, setting, checkpoint, log, finished), up to ten times a second
`{"kind": "progress", "step", "time", "data": {"values"}}`, where `step` counts finished steps of started's
`total_steps`, and before `finished`, of every run that took a step, however it ended,
`{"kind": "summary", "step", "time", "data": {"values": last value by series, "best": {"val.accuracy",
"step"}}}`. A specification that is invalid gives the single line `{"kind": "refused", "data": problem}`.
Interrupt (SIGINT) stops the run; one that was held back by a mask counts. It ends with code 0 for completed
and stopped, 1 for failed, 2 for refused.
"""

import argparse
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rhoscope import literals
from rhoscope.commands import Command
from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput, NotFound, RhoscopeError
from rhoscope.local.process import die_with_parent, watch_parent
from rhoscope.spec import Origin, RunSpec
from rhoscope.system import Sampler
from trainer.attempt.assembly import Parts, build
from trainer.attempt.controls import Controls
from trainer.attempt.loop import train
from trainer.attempt.progress import Progress, adopt, restore
from trainer.attempt.session import FAREWELL_S, LostLease, Outcome, Session, announce
from trainer.attempt.specification import read_spec
from trainer.checkpoints.checkpoint import Checkpoints, load
from trainer.checkpoints.storage import Folder, Place
from trainer.connection import connect
from trainer.plugins import check_installation
from trainer.replicas import ALONE, Group, LostPeer, Replicas, command, leave, started
from trainer.telemetry.json_lines import Lines
from trainer.telemetry.publisher import Publisher
from trainer.telemetry.sink import Silent, Sink

log = logging.getLogger("rhoscope.run")

LEASE_LOST = 75

LOCAL = "local"


def attempt(run: str, number: int, deadline_file: Path | None) -> int:
    """Train one attempt of a run from Redis; returns the exit code."""
    replicas = Group() if started() else ALONE
    controls = Controls(deadline_file if replicas.first else None)
    controls.on_signals()
    environment = Environment.load()
    redis = connect(environment.broker_url)
    publisher = Publisher(environment.broker_url, run, number) if replicas.first else None
    sink = publisher or Silent(run, number)
    sampler = Sampler()
    if replicas.first:
        sink.sampler = sampler

    def prepare() -> Session:
        spec = read_spec(redis, run, controls)
        place = Place.at(environment.checkpoints)
        checkpoints = Checkpoints(place.within(run), number)
        session = start(spec, sink, controls, checkpoints, origins=place, replicas=replicas)
        if replicas.first:
            controls.listen(redis, run)
            sampler.start(lambda values: sink.event("values", session.progress.step, values=values))
        return session

    try:
        execute(sink, prepare)
    except LostLease as error:
        sampler.stop()
        log.warning("%s", error.detail)
        if publisher:
            publisher.close(FAREWELL_S)
        return LEASE_LOST
    while publisher and not publisher.close(0.1):
        if controls.terminated or not publisher.running:
            return LEASE_LOST
    replicas.close()
    return 0


def local(text: str, checkpoint_folder: Path | None) -> int:
    """Train a specification, as JSON, without a server, to standard output; returns the exit code."""
    replicas = Group() if started() else ALONE
    sink = Lines(LOCAL, sys.stdout) if replicas.first else Silent(LOCAL, 1)
    controls = Controls()
    stop = Command(id="interrupt", verb="stop", who="interrupt", time=time.time())
    controls.on_signals(lambda: controls.add(stop))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        spec = RunSpec.model_validate_json(text)
        parts = build(spec, replicas)
    except ValidationError as error:
        return _refuse(InvalidInput(f"Invalid specification: {error.errors()[0]['msg']}."))
    except RhoscopeError as error:
        return _refuse(error)
    checkpoints = Checkpoints(Folder(checkpoint_folder), 1) if checkpoint_folder else None
    try:
        outcome = execute(sink, lambda: start(spec, sink, controls, checkpoints, parts, replicas=replicas))
    except LostLease:
        return LEASE_LOST
    replicas.close()
    return 1 if outcome.state == "failed" else 0


def start(
    spec: RunSpec,
    sink: Sink,
    controls: Controls,
    checkpoints: Checkpoints | None = None,
    parts: Parts | None = None,
    origins: Place | None = None,
    replicas: Replicas = ALONE,
) -> Session:
    """A session at the run's last intact checkpoint, at its origin's, or at the beginning.

    Announces the start. `origins` is the place of all runs' checkpoints.

    Raises:
        InvalidInput: when the specification does not fit.
        NotFound, Corrupt, Conflict: when the origin's checkpoint is gone, damaged or another network's.
        LostLease: when a later attempt has the checkpoints.
    """
    progress, state, warnings = Progress(), None, list[str]()
    if checkpoints is not None:
        if replicas.first:
            _claim(checkpoints)
        replicas.from_first(None)  # nobody reads before the claim has cleared up
        state = checkpoints.latest(warnings)
    if state is not None and state["strategy"] != spec.strategy:
        changed = {"strategy": state["strategy"], "settings": state["settings"]}
        spec = spec.model_copy(update=changed)
    parts = parts or build(spec, replicas)
    if state is not None:
        progress, controls.cursor = restore(parts, state)
    elif spec.origin is not None:
        progress = adopt(parts, _load_origin(spec.origin, origins))
    session = Session(parts, progress, sink, controls, checkpoints if replicas.first else None)
    announce(session)
    lines = [f"{sentence} The previous one is used." for sentence in warnings]
    for line in (*lines, *(parts.remarks if state is None else ())):
        sink.event("log", progress.step, line=line)
    return session


def _claim(checkpoints: Checkpoints) -> None:
    try:
        checkpoints.claim()
    except Conflict as error:
        raise LostLease(error.detail) from error


def _load_origin(origin: Origin, place: Place | None) -> dict[str, Any]:
    if place is None:
        raise NotFound(f"The checkpoints of the forked run {origin.run} are not available here.")
    return load(place.within(origin.run), origin.checkpoint)


def execute(sink: Sink, prepare: Callable[[], Session]) -> Outcome:
    """Prepare and train; whatever comes of it is recorded as the run's outcome.

    Raises:
        LostLease: when this attempt may not go on; nothing is recorded then.
    """
    session: Session | None = None
    try:
        session = prepare()
        outcome = train(session)
    except LostLease:
        raise
    except LostPeer as error:
        raise LostLease(error.detail) from error
    except RhoscopeError as error:
        outcome = Outcome("failed", error.detail)
    except Exception as error:
        log.exception("The run failed.")
        reason = (str(error).splitlines() or ["no reason given"])[0]
        outcome = Outcome("failed", f"{type(error).__name__}: {reason}")
    step = session.progress.step if session else 0
    if session:
        with suppress(RuntimeError):  # a device that failed may not even give its last rows
            session.ring.flush()
    if sink.sampler:  # nothing comes after the outcome
        sink.sampler.stop()
    sink.event("finished", step, state=outcome.state, reason=outcome.reason)
    return outcome


def _read(spec_file: str) -> str:
    """The text of a specification. Raises: InvalidInput, when it can't be read."""
    try:
        return sys.stdin.read() if spec_file == "-" else Path(spec_file).read_text()
    except OSError as error:
        raise InvalidInput(f"The specification {spec_file} can't be read: {error.strerror}.") from error


def _spec_text(run: str) -> str:
    """The text of a run's specification in Redis; empty when there is none, which the attempt itself says."""
    with connect(Environment.load().broker_url) as redis:
        try:
            return read_spec(redis, run, Controls()).model_dump_json()
        except NotFound:
            return ""


def _share(text: str, options: argparse.Namespace) -> None:
    """Become torchrun where a specification asks for several processes; it starts this module in each."""
    try:
        given = RunSpec.model_validate_json(text).settings.get("processes", 1)
    except ValidationError:
        return
    if not isinstance(processes := literals.read(given, {"type": "integer"}), int) or processes < 2:
        return
    arguments = sys.argv[1:]
    if options.local == "-":
        with tempfile.NamedTemporaryFile("w", prefix="rhoscope-", suffix=".json", delete=False) as file:
            file.write(text)
        arguments[arguments.index("-")] = file.name
    os.execv(sys.executable, [sys.executable, "-m", *command(processes), "trainer.run", *arguments])  # noqa: S606


def _refuse(error: RhoscopeError) -> int:
    sys.stdout.write(json.dumps({"kind": "refused", "data": error.problem().model_dump(mode="json")}) + "\n")
    return error.exit_code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer.run", description="Train one attempt at a run.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", help="ID of a run whose specification is in Redis")
    which.add_argument("--local", metavar="SPEC", help="specification file, - for standard input")
    parser.add_argument("--attempt", type=int, default=1, help="number of this attempt, from 1")
    parser.add_argument(
        "--deadline-file", type=Path, help="eight-byte file: the time after which no step may run"
    )
    parser.add_argument(
        "--checkpoints", type=Path, help="with --local: folder of checkpoints to write and resume"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with it
    if options.deadline_file:  # until training looks for a signal between two steps
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        check_installation()
        text = _read(options.local) if options.local else "" if started() else _spec_text(options.run)
        watch_parent()
        if started():  # nothing can go on without torchrun, which hands a SIGTERM on
            die_with_parent(signal.SIGKILL, os.getppid())
        else:
            _share(text, options)
        if options.local:
            return local(text, options.checkpoints)
        return attempt(options.run, options.attempt, options.deadline_file)
    except RhoscopeError as error:
        log.error("%s", error.detail)
        return _refuse(error) if options.local else error.exit_code
    finally:
        if options.deadline_file:  # the agent may have been killed; no other begins before us
            options.deadline_file.unlink(missing_ok=True)


def entrance() -> int:
    """The whole program; returns its exit code, but where other processes of the run still work."""
    code = main()
    if started():
        leave(code)
    return code


if __name__ == "__main__":
    leave(entrance())  # an interpreter that takes itself apart under daemon threads may abort
