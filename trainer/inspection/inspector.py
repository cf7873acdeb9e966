"""A worker's answers to questions about data, received through Redis and answered by a process with torch.

That process is started by the first question and ended when none came for a while, so that a worker that is
never asked stays small.
"""

import logging
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError
from redis import Redis

from rhoscope import keys
from rhoscope.inspection import Answer, Question
from rhoscope.local.process import end

PATIENCE_S = 20.0
"""How long one look may take: a folder on a server that hangs must not silence the worker."""
IDLE_S = 600.0
KEPT_S = 60
"""How long an answer waits for whoever asked."""
log = logging.getLogger("rhoscope.inspector")


class Inspector:
    """Answers what the workers of these names are asked, one question after the other."""

    def __init__(self, names: Sequence[str]) -> None:
        self._lists = [keys.questions(name) for name in names]
        self._process: subprocess.Popen[bytes] | None = None
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
        if self._process is not None:
            if self._process.stdin:
                with suppress(OSError):
                    self._process.stdin.close()
            end(self._process, grace_s=1)
            if self._process.stdout:
                self._process.stdout.close()
        self._process = self._question = None

    def _take(self, text: bytes | str) -> None:
        try:
            question = Question.model_validate_json(text)
        except ValidationError:
            log.warning("A question that can't be read was dropped.")
            return
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trainer.inspection.contents"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # a terminal's Ctrl-C is ours; its input ends with us
            )
        self._question, self._since = question, time.monotonic()
        if self._process.stdin:
            with suppress(OSError):  # it has died: its output ends, which is noticed there
                self._process.stdin.write(question.model_dump_json().encode() + b"\n")
                self._process.stdin.flush()

    def _await(self, redis: Redis, question: Question, wait_s: float) -> None:
        """Hand on the answer once it is there; an empty one when the process died or takes too long."""
        output = self._process.stdout if self._process else None
        line = output.readline() if output and select.select([output], [], [], wait_s)[0] else b""
        ended = self._process is None or self._process.poll() is not None
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
