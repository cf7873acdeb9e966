"""A worker's answers to questions about data, received through Redis and answered by a process with torch.

That process is started by the first question and ended when none came for a while, so that a worker that is
never asked stays small.
"""

import logging
import os
import select
import time
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError
from redis import Redis

from rhoscope import keys
from rhoscope.inspection import Answer, Question
from rhoscope.local.fork import begin
from rhoscope.local.process import Program, end

PATIENCE_S = 20.0
"""How long one look may take: a folder on a server that hangs must not silence the worker."""
IDLE_S = 600.0
KEPT_S = 60
"""How long an answer waits for whoever asked."""
log = logging.getLogger("rhoscope.inspector")


class Looker:
    """The process that looks, with a pipe to it and one from it; its end of both closes with it."""

    def __init__(self) -> None:
        theirs, ours = os.pipe()
        self.questions = os.fdopen(ours, "wb", buffering=0)
        ours, writing = os.pipe()
        self.answers = os.fdopen(ours, "rb")
        files = (theirs, writing)
        self.process: Program = begin(
            "trainer.inspection.contents", *map(str, files), env=os.environ, pass_fds=files
        )
        for number in files:
            os.close(number)

    def ask(self, question: Question) -> None:
        """Nothing where it has died: its answers end, which is noticed there."""
        with suppress(OSError):
            self.questions.write(question.model_dump_json().encode() + b"\n")

    def answer(self, wait_s: float) -> bytes:
        """A line, or nothing where none comes within `wait_s` seconds."""
        return self.answers.readline() if select.select([self.answers], [], [], wait_s)[0] else b""

    def close(self) -> None:
        """End it."""
        self.questions.close()
        end(self.process, grace_s=1)
        self.answers.close()


class Inspector:
    """Answers what the workers of these names are asked, one question after the other."""

    def __init__(self, names: Sequence[str]) -> None:
        self._lists = [keys.questions(name) for name in names]
        self._looker: Looker | None = None
        self._question: Question | None = None
        self._since = time.monotonic()

    def turn(self, redis: Redis, wait_s: float) -> None:
        """Wait up to `wait_s` seconds for a question or for the answer to one. Raises: RedisError."""
        if self._question is not None:
            self._await(redis, self._question, wait_s)
            return
        item = redis.blpop(self._lists, timeout=wait_s)
        if isinstance(item, (list, tuple)):
            self._take(item[1])
        elif time.monotonic() - self._since > IDLE_S:
            self.close()

    def close(self) -> None:
        """End the process that looks, if there is one."""
        if self._looker is not None:
            self._looker.close()
        self._looker = self._question = None

    def _take(self, text: bytes | str) -> None:
        try:
            question = Question.model_validate_json(text)
        except ValidationError:
            log.warning("A question that can't be read was dropped.")
            return
        if self._looker is None or self._looker.process.poll() is not None:
            self.close()
            self._looker = Looker()
        self._question, self._since = question, time.monotonic()
        self._looker.ask(question)

    def _await(self, redis: Redis, question: Question, wait_s: float) -> None:
        """Hand on the answer once it is there; an empty one when the process died or takes too long."""
        line = self._looker.answer(wait_s) if self._looker else b""
        ended = self._looker is None or self._looker.process.poll() is not None
        late = time.monotonic() - self._since > PATIENCE_S
        if not line and not ended and not late:
            return
        if not line:
            log.warning("The data set '%s' could not be inspected in time.", question.dataset)
            self.close()
        answer = line.strip() or Answer(question=question.id).model_dump_json().encode()
        self._question, self._since = None, time.monotonic()
        pipe = redis.pipeline(transaction=True)
        pipe.rpush(keys.answers(question.id), answer)
        pipe.expire(keys.answers(question.id), KEPT_S)
        pipe.execute()
