"""Guest runs that are heard of, and those that have fallen silent: a heartbeat instead of a lease."""

import time
from collections.abc import Iterable

from redis import Redis

from backend.recording.fanout import Fanout
from backend.store import Store, guests, runs
from rhoscope import keys
from rhoscope.runs import Run
from rhoscope.states import RunState

LEASES = 2.0
"""How many lengths of a lease a guest may be quiet before it is called silent."""


def note(redis: Redis, store: Store, run: Run, silent_s: float) -> bool:
    """A guest's program was heard of; whether it had been silent, and runs again. Raises: RedisError."""
    before = redis.set(keys.heard(run.id), b"1", px=int(1000 * silent_s), get=True)
    if before is not None or run.state != RunState.SILENT:
        return False
    with store.writing() as db:
        guests.reopen(db, run.id)
        return runs.move(db, run, RunState.RUNNING) is not None


class Guests:
    """Looks at every guest that should be heard of, in each pass of the launcher."""

    def __init__(self, redis: Redis, store: Store, fanout: Fanout, silent_s: float) -> None:
        self._redis = redis
        self._store = store
        self._fanout = fanout
        self._silent_s = silent_s
        self._quiet_since: dict[str, float] = {}

    def tend(self, alive: Iterable[Run]) -> None:
        """Move those that were quiet for too long. Raises: RedisError, OperationalError, when one is away."""
        present = {run.id: run for run in alive}
        self._quiet_since = {run: at for run, at in self._quiet_since.items() if run in present}
        if not present:
            return
        beats = self._redis.mget([keys.heard(run) for run in present])
        for run, beat in zip(present.values(), beats, strict=True):
            self._judge(run, heard=beat is not None)

    def _judge(self, run: Run, *, heard: bool) -> None:
        if heard:
            self._quiet_since.pop(run.id, None)
            return
        since = self._quiet_since.setdefault(run.id, time.monotonic())
        if time.monotonic() - since < self._silent_s / 2:
            return  # Redis may just have come back, and forgotten
        stops = run.state == RunState.STOPPING
        reason = f"Nothing was heard of its program since step {run.step}."
        words = f"Stopped by {run.reason or 'a user'}. {reason}" if stops else reason
        with self._store.writing() as db:
            runs.move(db, run, RunState.STOPPED if stops else RunState.SILENT, words)
        self._fanout.touch(run.id)
