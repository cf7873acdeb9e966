"""Texts of a request are checked here once, before any route sees them: in path, query and body."""

from starlette.requests import HTTPConnection, Request

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.texts import LONGEST_QUERY, fault, faults


async def check_texts(connection: HTTPConnection) -> None:
    """Raises: InvalidInput, naming each text of a request that is no Unicode, holds NUL, or is too long."""
    if not isinstance(connection, Request):
        return  # a live connection says what does not fit over itself
    parts = [*connection.path_params.items(), *connection.query_params.multi_items()]
    faulty = [(name, words) for name, text in parts if (words := fault(str(text), LONGEST_QUERY))]
    if await connection.body():
        faulty += _in_body(await _json(connection))
    if faulty:
        raise InvalidInput.of([FieldError(field=name, message=words) for name, words in faulty])


async def _json(request: Request) -> object:
    """The body, as the route will see it; nothing where it is no JSON, which the route says."""
    try:
        body: object = await request.json()
    except (ValueError, RecursionError):
        return None
    return body


def _in_body(body: object) -> list[tuple[str, str]]:
    return list(faults(body))
