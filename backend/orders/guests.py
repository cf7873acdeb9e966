"""Guest runs: announced by their own programs, which send their records and fetch their orders."""

from redis import Redis, RedisError, ResponseError
from sqlalchemy import Connection

from backend.application import Application
from backend.launching.guests import LEASES, note
from backend.orders.signed import signed
from backend.store import guests, orders, runs, stream
from rhoscope import keys
from rhoscope.errors import Conflict, Corrupt, InvalidInput, Unavailable
from rhoscope.guests import Commands, GuestSpec, Numbered, Position
from rhoscope.records import MAGIC
from rhoscope.runs import Run
from rhoscope.spec import RunSpec

STREAM_BYTES = 16 * 2**20
"""Bytes of a guest's stream in Redis while nobody moves it into the store."""
LOOK_EVERY = 32
"""Records between two looks at the stream's size."""


def announce(here: Application, guest: GuestSpec, who: str = "") -> tuple[Run, bool]:
    """Note a guest run, or find it; whether it was there. It is the program that starts, not we.

    Raises:
        Conflict: when another run has its id.
    """
    with signed(here, who) as (db, sign):
        before = runs.of_ids(db, [guest.id])
        if before and before[0].spec.leased:
            raise Conflict(f"There is another run '{guest.id}', which is no guest; choose another id.")
        if not before:
            runs.create(db, _spec(guest), guest.config, id=guest.id)
            guests.describe(db, guest.id, guest.modalities, [s.model_dump() for s in guest.series])
            sign(guest.id, "Announced")
        run = runs.get(db, guest.id)
    if not before:
        _arrived(here)
    hear(here, run)
    here.fanout.touch(run.id)
    return run, bool(before)


def _arrived(here: Application) -> None:
    """The recorder waits for records of the runs that it knows: let it look for others now."""
    here.redis.xadd(keys.ARRIVALS, {b"n": b""}, maxlen=1, approximate=False)


def _spec(guest: GuestSpec) -> RunSpec:
    fields = guest.model_dump(include={"name", "tags", "notes", "strategy"})
    name = guest.name or " ".join(filter(None, (guest.project, guest.id[:6])))
    own = {"project": guest.project, "live": guest.live}
    plain = {
        "dataset": guest.project,
        "fusion": "",
        "settings": guest.config,
        "guest": own,
        "max_attempts": 1,
    }
    return RunSpec.model_validate({**fields, **plain, "name": name[:200]})


def hear(here: Application, run: Run) -> None:
    """The program of this run lives."""
    if note(here.redis, here.store, run, LEASES * here.environment.lease_s):
        here.fanout.touch(run.id)


def heard(here: Application, run: str) -> None:
    """As `hear`, of a run by its id. Raises: NotFound, Conflict."""
    with here.store.reading() as db:
        present = of_guest(db, run)
    hear(here, present)


def of_guest(db: Connection, run: str) -> Run:
    """Raises: NotFound; Conflict, when it is a run of ours."""
    present = runs.get(db, run)
    if present.spec.leased:
        raise Conflict(f"Run '{run}' is no guest: its worker sends its records and fetches its orders.")
    return present


def position(here: Application, run: str) -> Position:
    """The last record of a guest that is in the store or on its way there. Raises: NotFound, Conflict."""
    with here.store.reading() as db:
        of_guest(db, run)
        stored = runs.position(db, run)
    attempt, sequence = max(stored, _newest(here.redis, run))
    return Position(attempt=attempt, sequence=sequence)


def put(here: Application, run: str, at: tuple[int, int], data: bytes) -> Position:
    """Take one record, once; the last one that is there then.

    Raises:
        NotFound.
        Conflict: when one before it is missing.
        InvalidInput: when it does not read back.
        Unavailable: when records come faster than they are stored.
    """
    with here.store.reading() as db:
        guest = of_guest(db, run)
        last = max(runs.position(db, run), _newest(here.redis, run))
        is_open = guests.is_open(db, run)
    hear(here, guest)
    if at <= last:
        return Position(attempt=last[0], sequence=last[1])
    follows = (last[0], last[1] + 1) if at[0] == last[0] else (at[0], 1)
    if at != follows:
        raise Conflict(
            f"Record {at[0]}-{at[1]} would leave a gap; the next one is {follows[0]}-{follows[1]}."
        )
    field = b"b" if data[:4] == MAGIC else b"e"
    entry = stream.decode(run, at, {field: data})
    if isinstance(entry.content, Corrupt):
        raise InvalidInput.field(
            "body", f"expected a block or an event of this run; {entry.content.detail}", ""
        )
    if not is_open:
        with here.store.writing() as db:
            guests.reopen(db, run)
    _add(here, run, at, {field: data})
    if not is_open:
        _arrived(here)
    return Position(attempt=at[0], sequence=at[1])


def _add(here: Application, run: str, at: tuple[int, int], fields: dict[bytes, bytes]) -> None:
    if at[1] % LOOK_EVERY == 0 and (here.redis.memory_usage(keys.records(run)) or 0) > STREAM_BYTES:
        raise Unavailable("Records of this run come faster than they are stored; send this one again later.")
    try:
        here.redis.xadd(keys.records(run), fields, id=f"{at[0]}-{at[1]}")  # type: ignore[arg-type]
    except ResponseError as error:
        if "equal or smaller" not in str(error):
            raise
    except RedisError as error:
        raise Unavailable(f"Redis does not answer ({error}). Send this record again.") from error


def waiting(here: Application, run: str, after: int) -> Commands:
    """A guest's orders behind this number that no record acknowledged yet. Raises: NotFound, Conflict."""
    with here.store.reading() as db:
        guest = of_guest(db, run)
        each = orders.waiting(db, [run]).get(run, ())
    numbered = [Numbered(number=n, command=command) for n, command in each if n > after]
    return Commands(commands=numbered, state=guest.state)


def _newest(redis: Redis, run: str) -> tuple[int, int]:
    if not redis.exists(keys.records(run)):
        return (0, 0)
    attempt, _, sequence = redis.xinfo_stream(keys.records(run))["last-generated-id"].decode().partition("-")
    return int(attempt), int(sequence)
