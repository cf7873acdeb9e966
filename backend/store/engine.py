"""The connection to the store: SQLite in a file, or PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Transaction, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from rhoscope.errors import Conflict, InvalidInput, Unavailable
from rhoscope.web.masks import masked

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "cache_size=-32000",
)


class Store:
    """Transactions on one database. Readers see one moment; writers of this process take turns.

    `version` grows with each transaction of this process that wrote.
    """

    def __init__(self, url: str) -> None:
        """Raises: InvalidInput, when `url` is no address SQLAlchemy can read."""
        try:
            self._engine = _engine(url)
        except (ArgumentError, ValueError) as error:
            expected = "expected postgresql://USER:PASSWORD@HOST/NAME or sqlite:///PATH"
            raise InvalidInput(f"RHOSCOPE_DATABASE_URL {masked(url)!r} can't be read: {expected}.") from error
        except ImportError as error:
            raise InvalidInput(f"RHOSCOPE_DATABASE_URL {masked(url)!r} can't be used: {error}") from error
        self._turn = threading.RLock()
        self.version = 0

    def open(self) -> None:
        """Bring the tables to the newest version.

        Raises:
            Unavailable: when the database does not answer.
            Conflict: when a newer rhoscope made it.
        """
        place = masked(self._engine.url.render_as_string(hide_password=False))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            if self._engine.dialect.name == "sqlite" and self._engine.url.database:
                Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            with self.writing() as db:
                config.attributes["connection"] = db
                command.upgrade(config, "head")
        except (OSError, DBAPIError) as error:
            cause = getattr(error, "orig", None) or error
            raise Unavailable(f"The store {place} can't be opened: {cause}") from error
        except CommandError as error:
            raise Conflict(
                f"The store {place} was made by a newer rhoscope ({error}); update this one."
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the store as of its first statement."""
        with self._engine.connect() as db, db.begin():
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end unless an error leaves the block."""
        with self._turn, self._engine.connect() as plain:
            db = plain.execution_options(write=True)
            with db.begin() as transaction:
                yield db
                _commit(transaction)
            self.version += 1

    def answers(self) -> str:
        """Empty when the database answers, else why not."""
        try:
            with self.reading() as db:
                db.execute(text("SELECT 1"))
        except DBAPIError as error:
            return str(error.orig)
        return ""

    def close(self) -> None:
        self._engine.dispose()


class UnsureCommit(OperationalError):
    """The database was lost while it committed: what was written may be there or not."""


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except DBAPIError as error:
        raise UnsureCommit(error.statement, error.params, error.orig or error) from error


AWAY = (OperationalError,)
"""What a database that is away, busy or full raises: worth another try later."""


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=20, max_overflow=40)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    connect = {"connect_timeout": 5}
    return create_engine(
        url,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        pool_size=20,
        max_overflow=40,
        connect_args=connect,
    )


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to see one moment
    connection.text_factory = _text
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _text(data: bytes) -> str:
    """A text of the file, though some other program wrote what is no Unicode."""
    return data.decode(errors="replace")


def _begin(db: Connection) -> None:
    writes = db.get_execution_options().get("write", False)
    db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
