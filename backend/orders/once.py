"""An order with an id is carried out once, however often it is sent, and always answered the same."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from backend.application import Application
from backend.orders.signed import Sign, signed
from backend.store import orders

Act = Callable[[Connection, Sign], str]


def once(here: Application, key: str, request: Sequence[Any], act: Act, who: str = "") -> str:
    """The answer of `act`, or that of the time when this key came first; stored together with its effect.

    `act` gets the transaction, and a function that notes what `who` orders.

    Raises:
        Conflict: when the key came with another request.
        RhoscopeError: whatever `act` raises; the key is then as good as new.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    with signed(here, who) as (db, sign):
        answer = orders.answered(db, key, digest)
        if answer is None:
            answer = act(db, sign)
            orders.remember(db, key, digest, answer)
    return answer
