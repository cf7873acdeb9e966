"""Sending what is only in files: of runs that were offline, were killed, or still go on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rhoscope.errors import Corrupt, InvalidInput
from rhoscope.guests import GuestSpec
from rhoscope.tracker.delivery import Delivery, Server
from rhoscope.tracker.lock import Lock
from rhoscope.tracker.start import SPEC, numbered


@dataclass(frozen=True)
class Sent:
    """One run that was sent: how many records, and whether its program still writes."""

    run: str
    records: int
    growing: bool


def sync(folder: Path, server: Server, warn: Callable[..., None]) -> Iterator[Sent]:
    """Send what `server` lacks of the run, or of all runs, in a folder. Harmless to repeat.

    Raises:
        InvalidInput: when there is no run.
        RhoscopeError: when the server can't be reached or refuses; what was sent stays sent.
    """
    folders = sorted(
        [folder] if (folder / SPEC).is_file() else (path.parent for path in folder.glob(f"*/{SPEC}"))
    )
    if not folders:
        message = f"there is no run; expected a folder with {SPEC}, or one that holds such folders"
        raise InvalidInput.field("DIR", message, str(folder))
    for run in folders:
        yield _run(run, server, warn)


def _run(folder: Path, server: Server, warn: Callable[..., None]) -> Sent:
    try:
        spec = GuestSpec.model_validate_json((folder / SPEC).read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise Corrupt(f"{folder / SPEC} does not read back: {error}") from error
    growing = Lock(folder).taken()
    count = 0
    journals = sorted((path for path in folder.glob("attempt-*.rj") if numbered(path)), key=numbered)
    for path in journals:
        whole = not growing or path != journals[-1]
        count += Delivery(server, spec, numbered(path), path, warn).send(whole=whole)
    return Sent(spec.id, count, growing)
