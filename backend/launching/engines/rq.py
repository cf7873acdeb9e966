"""RQ: workers wait for tickets in Redis. The default, and all that one machine needs."""

import logging
from collections.abc import Sequence
from contextlib import suppress

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from typing_extensions import override

from backend.launching.engines.engine import Engine, Ticket
from rhoscope import keys

_SHOWN = 100
log = logging.getLogger("rhoscope.launcher")


class Rq(Engine):
    """Tickets are RQ jobs that name one function. Redis being away is said by redis' own errors."""

    patience_s = 5.0

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queue = Queue(keys.QUEUE, connection=redis, serializer=JSONSerializer)

    @override
    def places(self, workers: int) -> int:
        """One for each worker and one to spare."""
        return workers + 1

    @override
    def waiting(self) -> Sequence[str]:
        entries: list[bytes] = self._redis.lrange(self._queue.key, 0, -1)  # type: ignore[assignment]
        names = []
        for entry in entries:
            try:
                names.append(entry.decode())
            except UnicodeDecodeError:
                log.warning("An entry of the queue that is no text was removed: %r", entry[:_SHOWN])
                self._redis.lrem(self._queue.key, 0, entry)  # type: ignore[arg-type]
        return names

    @override
    def submit(self, ticket: Ticket) -> None:
        self.withdraw(ticket.name)
        with suppress(DuplicateJobError):
            self._queue.enqueue_call(
                keys.JOB,
                args=(ticket.run, ticket.attempt),
                job_id=ticket.name,
                unique=True,
                timeout=-1,
                failure_ttl=3600,
            )

    @override
    def withdraw(self, name: str) -> None:
        with suppress(NoSuchJobError):
            Job.fetch(name, self._redis, JSONSerializer).delete()
