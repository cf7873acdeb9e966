"""Workers able to train: their heartbeats in Redis, and the catalogs they bring."""

import time

from pydantic import ValidationError
from redis import Redis, RedisError

from backend.store import Store, catalogs
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.errors import NotFound, Unsure
from rhoscope.runs import WorkerStatus

LOOK_S = 2.0
DRAIN_S = 30 * 86_400


class Workers:
    """The workers that live now."""

    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store
        self._looked = 0.0

    def alive(self) -> list[WorkerStatus]:
        """Workers whose heartbeat has not expired, by name; others are forgotten. Raises: RedisError."""
        members: set[bytes] = self._redis.smembers(keys.WORKERS)  # type: ignore[assignment]
        names = sorted(name.decode() for name in members)
        if not names:
            return []
        beats = self._redis.mget([keys.worker(name) for name in names])
        gone = [name for name, beat in zip(names, beats, strict=True) if beat is None]
        if gone:
            self._redis.srem(keys.WORKERS, *gone)
        return [status for beat in beats if beat is not None and (status := _status(beat))]

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
        digests = {status.catalog: status.seen for status in sorted(self.alive(), key=lambda s: s.seen)}
        if digests:
            with self._store.reading() as db:
                stored = catalogs.known(db)
            for digest, seen in digests.items():
                self._note(digest, seen, stored)
        self._looked = time.monotonic()

    def _note(self, digest: str, seen: float, known: dict[str, float]) -> None:
        if digest in known:
            newest = max(known, key=lambda name: known[name])
            if newest != digest or seen - known[digest] > 60:
                with self._store.writing() as db:
                    catalogs.see(db, digest, seen)
            return
        body = self._redis.get(keys.catalog(digest))
        if isinstance(body, bytes) and _reads(body):
            with self._store.writing() as db:
                catalogs.add(db, digest, body.decode(), seen)


def _status(beat: bytes | str) -> WorkerStatus | None:
    try:
        return WorkerStatus.model_validate_json(beat)
    except ValidationError:
        return None


def _reads(body: bytes) -> bool:
    try:
        Catalog.model_validate_json(body)
    except ValidationError:
        return False
    return True
