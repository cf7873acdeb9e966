"""Workers able to train: their heartbeats in Redis, and the catalogs they bring."""

import logging
import time
from collections.abc import Mapping

from pydantic import ValidationError
from redis import Redis, RedisError

from backend.store import Store, catalogs
from rhoscope import keys
from rhoscope.catalog_faults import catalog_fault
from rhoscope.errors import NotFound, Unsure
from rhoscope.runs import WorkerStatus
from rhoscope.texts import fault

LOOK_S = 2.0
DRAIN_S = 30 * 86_400
_LONGEST = 200
"""Characters of a worker's name."""
log = logging.getLogger("rhoscope.launcher")


class Workers:
    """The workers that live now."""

    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store
        self._looked = -LOOK_S
        self._refused: dict[str, str] = {}

    def alive(self) -> list[WorkerStatus]:
        """Workers whose heartbeat has not expired, by name; others are forgotten. Raises: RedisError."""
        names = self._names()
        if not names:
            return []
        beats = self._redis.mget([keys.worker(name) for name in names])
        gone = [name for name, beat in zip(names, beats, strict=True) if beat is None]
        if gone:
            self._redis.srem(keys.WORKERS, *gone)
        return [status for beat in beats if beat is not None and (status := _status(beat))]

    def _names(self) -> list[str]:
        """Names of all that ever sent a heartbeat; what can't be a worker's name is removed."""
        members: set[bytes] = self._redis.smembers(keys.WORKERS)  # type: ignore[assignment]
        names = {member: member.decode(errors="replace") for member in members}
        junk = [member for member, name in names.items() if _is_junk(member, name)]
        if junk:
            log.warning("%d entries that name no worker were removed, such as %.99r", len(junk), junk[0])
            self._redis.srem(keys.WORKERS, *junk)
        return sorted(name for member, name in names.items() if member not in junk)

    def drain(self, name: str, *, draining: bool) -> WorkerStatus:
        """Make a worker take no new runs, or take them again; it is harmless to repeat.

        Raises:
            NotFound.
            RedisError: when Redis is away, and nothing was changed.
            Unsure: when it was lost while it wrote.
        """
        worker = next((status for status in self.alive() if status.name == name), None)
        if worker is None:
            raise NotFound(f"There is no running worker '{name}'.")
        try:
            if draining:
                self._redis.set(keys.worker_drain(name), "1", ex=DRAIN_S)
            else:
                self._redis.delete(keys.worker_drain(name))
        except RedisError as error:
            raise Unsure.of(f"Redis does not answer ({error}).") from error
        return worker.model_copy(update={"draining": draining})

    def note_catalogs(self) -> None:
        """Every two seconds: keep catalogs that are new, and which one was seen last."""
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        digests = {status.catalog: status.seen for status in sorted(self.alive(), key=lambda s: s.seen)}
        if digests:
            with self._store.reading() as db:
                stored = catalogs.known(db)
            for digest, seen in digests.items():
                self._note(digest, seen, stored)

    def _note(self, digest: str, seen: float, known: Mapping[str, catalogs.Seen]) -> None:
        if digest in known:
            alike = [name for name in known if known[name].program == known[digest].program]
            newest = max(alike, key=lambda name: known[name].seen)
            if newest != digest or seen - known[digest].seen > 60:
                with self._store.writing() as db:
                    catalogs.see(db, digest, seen)
            return
        if digest in self._refused:
            return
        body = self._redis.get(keys.catalog(digest))
        if not isinstance(body, bytes):
            return
        if reason := catalog_fault(body):
            self._refused[digest] = reason
            log.warning("Catalog %s of a worker is not taken: %s", digest, reason)
            return
        with self._store.writing() as db:
            catalogs.add(db, digest, body.decode(), seen)


def _is_junk(member: bytes, name: str) -> bool:
    """Whether a member of the set, decoded as `name`, can be no worker's name."""
    return not name or name.encode() != member or bool(fault(name, _LONGEST))


def _status(beat: bytes | str) -> WorkerStatus | None:
    """A heartbeat; one from the future, by a clock that is ahead, is one of now."""
    try:
        status = WorkerStatus.model_validate_json(beat)
    except ValidationError:
        return None
    now = time.time()
    return status if status.seen <= now else status.model_copy(update={"seen": now})
