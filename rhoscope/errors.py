"""All errors, as one tree; each states the given value, the expected one and how to fix it.

::

    RhoscopeError
    ├── InvalidInput     a value the user gave does not fit            HTTP 422, exit code 2
    ├── NotFound         nothing of that name                          HTTP 404, exit code 2
    ├── Conflict         fits, but not in the present state            HTTP 409, exit code 2
    ├── TooLarge         a body or a request above its limit           HTTP 413, exit code 2
    ├── Unauthorized     a login or token is needed, or wrong          HTTP 401, exit code 2
    ├── Forbidden        known who asks, but not allowed               HTTP 403, exit code 2
    ├── TooMany          asked too often; later it is possible         HTTP 429, exit code 1
    ├── Unavailable      a part we need does not answer                HTTP 503, exit code 1
    │   └── Unsure         and it is not known what came of an order
    └── Corrupt          stored bytes that do not read back            HTTP 500, exit code 1
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

PROBLEM_TYPE = "application/problem+json"
MOST_LISTED = 100
"""Fields that one error lists; of more the first ones, and how many there are."""


class FieldError(BaseModel):
    """One field that does not fit: its path, what was given and what is allowed."""

    model_config = ConfigDict(frozen=True)

    field: str
    value: Any = None
    message: str


class Problem(BaseModel):
    """The body of every failed HTTP answer (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldError] = []


class RhoscopeError(Exception):
    """Root of the tree; `detail` is one or two sentences for a person."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    exit_code: ClassVar[int] = 1
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)

    def problem(self, instance: str | None = None) -> Problem:
        """This error as an RFC 9457 problem document."""
        return Problem(
            type=f"urn:rhoscope:error:{type(self).__name__}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            errors=list(self.errors),
        )


class InvalidInput(RhoscopeError):
    """A value the user gave does not fit; `errors` names each field."""

    status = 422
    title = "Invalid input"
    exit_code = 2

    @classmethod
    def of(cls, errors: Sequence[FieldError]) -> "InvalidInput":
        """One error out of many field errors, its sentence naming them all, or the first `MOST_LISTED`."""
        listed = errors[:MOST_LISTED]
        detail = "; ".join(f"{e.field}: {e.message}" for e in listed)
        more = len(errors) - len(listed)
        return cls(f"{detail}; and {more:,} more" if more else detail, listed)

    @classmethod
    def field(cls, name: str, message: str, value: Any = None) -> "InvalidInput":
        """One field that does not fit; `value` is what was given.

        >>> InvalidInput.field("alpha", "expected a number").detail
        'alpha: expected a number'
        """
        return cls.of([FieldError(field=name, value=value, message=message)])


class BadRequest(RhoscopeError):
    """A request whose end is in doubt; its connection ends."""

    status = 400
    title = "Bad request"
    headers = {"Connection": "close"}


class NotFound(RhoscopeError):
    status = 404
    title = "Not found"
    exit_code = 2


class Conflict(RhoscopeError):
    status = 409
    title = "Conflict"
    exit_code = 2


class TooLarge(RhoscopeError):
    status = 413
    title = "Too large"
    exit_code = 2


class Unauthorized(RhoscopeError):
    status = 401
    title = "Unauthorized"
    exit_code = 2
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(RhoscopeError):
    status = 403
    title = "Forbidden"
    exit_code = 2


class TooMany(RhoscopeError):
    status = 429
    title = "Too many requests"
    headers = {"Retry-After": "60"}


class Unavailable(RhoscopeError):
    status = 503
    title = "Unavailable"


class Unsure(Unavailable):
    """The answer to an order was lost: it may have been carried out. Sent again with its id, it is once."""

    title = "Not known"

    @classmethod
    def of(cls, reason: str, order: str = "") -> "Unsure":
        """`reason` is a sentence; `order` the id that the order came with."""
        again = f"Idempotency-Key '{order}'" if order else "Idempotency-Key"
        return cls(f"{reason} The order may have been carried out; ask again with the same {again}.")


class Corrupt(RhoscopeError):
    title = "Corrupt data"


class Damaged(Corrupt):
    """The store's file does not hold what was written to it."""


BY_STATUS: dict[int, type[RhoscopeError]] = {
    400: InvalidInput,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: InvalidInput,
    429: TooMany,
    503: Unavailable,
}
"""What a failed HTTP answer stands for."""
