"""RQ: workers wait for tickets in Redis. The default, and all that one machine needs."""

import logging
from collections.abc import Iterator, Sequence
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
    by_program = True

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues: dict[str, Queue] = {}

    @override
    def places(self, workers: int) -> int:
        """One for each worker and one to spare."""
        return workers + 1

    @override
    def waiting(self) -> Sequence[str]:
        """Of each line in turn."""
        made: set[bytes] = self._redis.smembers(Queue.redis_queues_keys)  # type: ignore[assignment]
        lines = {f"{Queue.redis_queue_namespace_prefix}{keys.QUEUE}"}
        lines |= {name for name in (key.decode(errors="replace") for key in made) if _is_line(name)}
        return [ticket for line in sorted(lines) for ticket in self._tickets(line)]

    def _tickets(self, line: str) -> Iterator[str]:
        entries: list[bytes] = self._redis.lrange(line, 0, -1)  # type: ignore[assignment]
        for entry in entries:
            try:
                yield entry.decode()
            except UnicodeDecodeError:
                log.warning("An entry of the queue that is no text was removed: %r", entry[:_SHOWN])
                self._redis.lrem(line, 0, entry)  # type: ignore[arg-type]

    @override
    def submit(self, ticket: Ticket) -> None:
        self.withdraw(ticket.name)
        with suppress(DuplicateJobError):
            self._queue(ticket.program).enqueue_call(
                keys.JOB,
                args=(ticket.run, ticket.attempt),
                job_id=ticket.name,
                unique=True,
                timeout=-1,
                failure_ttl=3600,
            )

    def _queue(self, program: str) -> Queue:
        name = keys.queue(program)
        return self._queues.setdefault(name, Queue(name, connection=self._redis, serializer=JSONSerializer))

    @override
    def withdraw(self, name: str) -> None:
        with suppress(NoSuchJobError):
            Job.fetch(name, self._redis, JSONSerializer).delete()


def _is_line(name: str) -> bool:
    """Whether a queue of RQ's is one of ours."""
    return name.startswith(f"{Queue.redis_queue_namespace_prefix}{keys.QUEUE}.")
