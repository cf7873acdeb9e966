"""Every Redis key, in one place; `{run}` is a run id."""

import re

from rhoscope.errors import InvalidInput

RUN_ID = r"^[0-9a-zA-Z_-]{1,100}$"
"""What a run's id may be: never a path."""

PREFIX = "rhoscope"
QUEUE = "rhoscope"
"""Name of the RQ queue that carries launch tickets."""


def queue(program: str = "") -> str:
    """Name of the queue for runs of a program, or of rhoscope's own training."""
    return f"{QUEUE}.{program}" if program else QUEUE


JOB = "trainer.agent.run_attempt"
"""The one function an RQ job may name; its arguments are the run id and the attempt number."""

WORKERS = f"{PREFIX}:workers"
"""Set of worker names that have ever sent a heartbeat."""


def records(run: str) -> str:
    """Stream of blocks and events, ids `{attempt}-{sequence}`; one field, `b` (block) or `e` (event)."""
    return f"{PREFIX}:run:{run}:records"


ARRIVALS = f"{PREFIX}:arrivals"
"""Stream whose entries say that there is one more run whose records are to be read; the last one is kept."""


def commands(run: str) -> str:
    """Stream of commands to the training process; one field, `c`: a Command as JSON."""
    return f"{PREFIX}:run:{run}:commands"


def spec(run: str) -> str:
    """The run's resolved specification as JSON, for the worker."""
    return f"{PREFIX}:run:{run}:spec"


def control(run: str) -> str:
    """Hash: `wanted`, the attempt the back end wants, and `taken`, the last attempt that took the lease."""
    return f"{PREFIX}:run:{run}:control"


def lease(run: str) -> str:
    """`{attempt}:{owner}`, expiring; who may train this run now."""
    return f"{PREFIX}:run:{run}:lease"


def resumption(run: str) -> str:
    """From where the wanted attempt of a program goes on: a Resumption as JSON."""
    return f"{PREFIX}:run:{run}:resumption"


def worker(name: str) -> str:
    """A worker's last heartbeat, a WorkerStatus as JSON, expiring."""
    return f"{PREFIX}:worker:{name}"


def catalog(digest: str) -> str:
    """A catalog as JSON, by its digest."""
    return f"{PREFIX}:catalog:{digest}"


def worker_drain(name: str) -> str:
    """There while a worker is to take nothing new."""
    return f"{PREFIX}:worker:{name}:drain"


def worker_job(name: str) -> str:
    """`{run}:{attempt}` that a worker trains now, expiring with the lease."""
    return f"{PREFIX}:worker:{name}:job"


def heard(run: str) -> str:
    """There while a guest run's program was heard of lately."""
    return f"{PREFIX}:run:{run}:heard"


def questions(name: str) -> str:
    """List of what a worker is asked about data, oldest first: each a Question as JSON; expiring."""
    return f"{PREFIX}:worker:{name}:questions"


def answers(question: str) -> str:
    """List of Answers as JSON to the question of this id; expiring."""
    return f"{PREFIX}:answers:{question}"


def run_id(text: object) -> str:
    """The text, if it can be a run's id; whoever makes a path of one checks it here.

    Raises:
        InvalidInput: for anything else.

    >>> run_id("0f3a2b")
    '0f3a2b'
    """
    if isinstance(text, str) and re.fullmatch(RUN_ID, text):
        return text
    message = "expected the ID of a run: at most 100 letters, digits, hyphens and underscores"
    raise InvalidInput.field("run", message, repr(text)[:200])
