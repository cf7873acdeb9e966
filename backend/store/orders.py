"""Orders to training processes: kept here until a checkpoint holds what they did; Redis only carries them."""

import re
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from backend.store.schema import answers, orders
from rhoscope.commands import Command
from rhoscope.errors import Conflict

KEEP_ANSWERS_S = 7 * 86_400.0
"""How long the answer to a request with an Idempotency-Key is repeated, in seconds."""
_CURSOR = re.compile(r"^(\d{1,18})(-\d{1,18})?$")


def add(db: Connection, run: str, command: Command) -> bool:
    """Note an order, under a number behind those of the run's others; False when it was noted before."""
    mine = orders.c.run == run
    if db.execute(select(orders.c.number).where(mine, orders.c.id == command.id)).first():
        return False
    last = db.scalar(select(func.max(orders.c.number)).where(mine)) or 0
    number = max(last + 1, int(time.time() * 1000))
    row = {"run": run, "number": number, "id": command.id, "command": command.model_dump(mode="json")}
    db.execute(insert(orders).values(**row, open=True))
    return True


def waiting(db: Connection, runs: Collection[str]) -> Mapping[str, Sequence[tuple[int, Command]]]:
    """By run the orders that no checkpoint holds yet, each with its number, in order."""
    commands: defaultdict[str, list[tuple[int, Command]]] = defaultdict(list)
    query = select(orders.c.run, orders.c.number, orders.c.command)
    query = query.where(orders.c.run.in_(runs), orders.c.open).order_by(orders.c.run, orders.c.number)
    for row in db.execute(query):
        commands[row.run].append((row.number, Command.model_validate(row.command)))
    return commands


def settle(db: Connection, run: str, cursor: str) -> None:
    """The state that a run has, or would begin with, holds the orders up to this id, and no later one."""
    match = _CURSOR.match(cursor)
    if match is None:
        return
    behind = orders.c.number > int(match[1])
    changed = (orders.c.run == run) & (orders.c.open != behind)
    db.execute(update(orders).where(changed).values(open=behind))


def settled(db: Connection, run: str) -> int:
    """The number of the last order that a run has carried out for good; 0 when there is none."""
    done = (orders.c.run == run) & ~orders.c.open
    return db.scalar(select(func.max(orders.c.number)).where(done)) or 0


def withdraw(db: Connection, run: str) -> None:
    """Forget what was to end an earlier attempt: it must not end the next one."""
    ends = [
        number
        for number, command in waiting(db, [run]).get(run, ())
        if command.verb in ("stop", "pause") and command.step is None
    ]
    if ends:
        db.execute(delete(orders).where(orders.c.run == run, orders.c.number.in_(ends)))


def answered(db: Connection, key: str, request: str) -> str | None:
    """The answer to the request of this key; None when there is no key or it is new.

    `request` is a digest of it. Raises: Conflict, when the key came with another request.
    """
    stored = db.execute(select(answers.c.request, answers.c.answer).where(answers.c.key == key)).first()
    if not key or stored is None:
        return None
    if stored.request != request:
        raise Conflict(f"Idempotency-Key '{key}' was used with another request; a new order needs a new one.")
    return str(stored.answer)


def remember(db: Connection, key: str, request: str, answer: str) -> None:
    """Note the answer to a request that has a key; forget what is older than KEEP_ANSWERS_S."""
    if not key:
        return
    now = time.time()
    db.execute(delete(answers).where(answers.c.created < now - KEEP_ANSWERS_S))
    db.execute(insert(answers).values(key=key, request=request, answer=answer, created=now))
