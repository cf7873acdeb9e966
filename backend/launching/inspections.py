"""Questions to workers about data that the API can't see: is a folder there, which modalities has it."""

import json
import logging
import time
import uuid
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from redis import Redis, RedisError

from backend.launching.workers import Workers
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput
from rhoscope.inspection import Answer, Question
from rhoscope.runs import WorkerStatus
from rhoscope.spec import RunSpec

PATIENCE_S = 8.0
"""Longest wait for answers; where none comes in time, the worker that trains is the first to look."""
SLICE_S = 1.0
MOST_ASKED = 8
"""Workers that are asked the same, on as many hosts."""
MOST_QUESTIONS = 20
"""Different data that one request may ask about; what lies beyond is checked when it trains."""
log = logging.getLogger("rhoscope.inspections")


class Inspections:
    """Workers' reports on the data that one request names.

    Each question is asked once, and all of them together are waited for no longer than `PATIENCE_S` seconds.
    """

    def __init__(self, redis: Redis, workers: Workers) -> None:
        self._redis = redis
        self._workers = workers
        self._known: dict[str, Contents | InvalidInput | None] = {}
        self._patience_s = PATIENCE_S

    def check(self, catalog: Catalog, spec: RunSpec) -> dict[str, Any]:
        """Every setting of the run, as `Catalog.check`, by what is really there.

        Raises:
            InvalidInput: naming each field that does not fit.
        """
        settings = catalog.check(spec)
        contents = self.contents(catalog, spec)
        return settings if contents is None else catalog.check(spec, contents)

    def contents(self, catalog: Catalog, spec: RunSpec) -> Contents | None:
        """The contents of the data of a valid run; None where opening it adds nothing, or no worker can.

        Raises:
            InvalidInput: when no worker that answered can train on it.
        """
        dataset = catalog.dataset_of(spec)
        if dataset is None or not dataset.facts.get("varies"):
            return None
        own = {name: value for name, value in spec.settings.items() if name in dataset.settings}
        about = json.dumps([spec.dataset, own], sort_keys=True)
        if about not in self._known:
            if len(self._known) >= MOST_QUESTIONS or self._patience_s <= 0:
                return None
            question = Question(id=uuid.uuid4().hex, dataset=spec.dataset, settings=own)
            began = time.monotonic()
            try:
                self._known[about] = self._ask(question)
            except RedisError as error:  # the launch is kept all the same; whoever trains it looks
                log.warning("No worker could be asked about %s: %s", spec.dataset, error)
                self._known[about] = None
            self._patience_s -= time.monotonic() - began
        verdict = self._known[about]
        if isinstance(verdict, InvalidInput):
            raise verdict
        return verdict

    def _ask(self, question: Question) -> Contents | InvalidInput | None:
        """The first worker's contents; a refusal where all that answered refuse."""
        workers = list(_one_per_process(self._workers.alive()))[:MOST_ASKED]
        for worker in workers:
            pipe = self._redis.pipeline(transaction=True)
            pipe.rpush(keys.questions(worker.name), question.model_dump_json())
            pipe.expire(keys.questions(worker.name), int(2 * PATIENCE_S))
            pipe.execute()
        refusal: InvalidInput | None = None
        deadline = time.monotonic() + self._patience_s
        left = len(workers)
        while left and (remaining := deadline - time.monotonic()) > 0:
            answer = self._answer(question, min(SLICE_S, remaining))
            left -= answer is not None
            if answer and answer.contents:
                return answer.contents
            refusal = refusal or (answer.refusal() if answer else None)
        return refusal

    def _answer(self, question: Question, wait_s: float) -> Answer | None:
        item = self._redis.blpop([keys.answers(question.id)], timeout=wait_s)
        if not isinstance(item, (list, tuple)):
            return None
        try:
            return Answer.model_validate_json(item[1])
        except ValidationError:
            return Answer(question=question.id)


def _one_per_process(workers: Iterable[WorkerStatus]) -> Iterable[WorkerStatus]:
    """Of the workers that share a process, and so see the same files, the first."""
    seen = set()
    for worker in workers:
        if worker.inspects and (worker.host, worker.pid) not in seen:
            seen.add((worker.host, worker.pid))
            yield worker
