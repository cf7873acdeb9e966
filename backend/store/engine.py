"""The connection to the store: SQLite in a file, or PostgreSQL."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Transaction, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from rhoscope.errors import Conflict, Damaged, InvalidInput, Unavailable
from rhoscope.web.masks import masked

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "cache_size=-32000",
)


_SQLITE_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_POSTGRESQL_DAMAGE = ("XX001", "XX002")  # data_corrupted, index_corrupted
_RESCUE = "Put a copy back, or stop rhoscope and rescue what is left with `.recover` of the program sqlite3."
log = logging.getLogger("rhoscope.store")


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
        self.damage = ""
        """What was met that is not as it was written, in a sentence; empty where nothing was."""

    def open(self) -> None:
        """Bring the tables to the newest version.

        Raises:
            Unavailable: when the database does not answer.
            Damaged: when it can't read its own file.
            Conflict: when a newer rhoscope made it.
        """
        place = self._place()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            if self._engine.dialect.name == "sqlite" and self._engine.url.database:
                Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            with self.writing() as db:
                config.attributes["connection"] = db
                command.upgrade(config, "head")
        except Damaged as damaged:
            raise Damaged(f"{place}: {damaged.detail}") from damaged
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
        with self._sound(), self._engine.connect() as db, db.begin():
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end unless an error leaves the block."""
        with self._sound(), self._turn, self._engine.connect() as plain:
            db = plain.execution_options(write=True)
            with db.begin() as transaction:
                yield db
                _commit(transaction)
            self.version += 1

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Raises: Damaged, where the database can't read its own file, or values are not those written."""
        try:
            yield
        except DatabaseError as error:
            if not (cause := _damage(error)):
                raise
            damaged = Damaged(f"The store is damaged: {cause}. {_RESCUE}")
            self._note(damaged)
            raise damaged from error
        except Damaged as damaged:
            self._note(damaged)
            raise

    def _note(self, damaged: Damaged) -> None:
        if not self.damage:
            log.error("%s: %s", self._place(), damaged.detail)
        self.damage = damaged.detail

    def _place(self) -> str:
        return masked(self._engine.url.render_as_string(hide_password=False))

    def answers(self) -> str:
        """Empty when the database answers, else why not."""
        try:
            with self.reading() as db:
                db.execute(text("SELECT 1"))
        except DBAPIError as error:
            return str(error.orig)
        except Damaged as damaged:
            return damaged.detail
        return ""

    def close(self) -> None:
        self._engine.dispose()


class UnsureCommit(OperationalError):
    """The database was lost while it committed: what was written may be there or not."""


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except DBAPIError as error:
        if _damage(error):
            raise
        raise UnsureCommit(error.statement, error.params, error.orig or error) from error


AWAY = (OperationalError,)
"""What a database that is away, busy or full raises: worth another try later."""


def _damage(error: DBAPIError) -> str:
    """The words of a database about a file that it can't make sense of; empty for all other errors."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error.orig, "sqlstate", None)
    return str(error.orig) if code in _SQLITE_DAMAGE or state in _POSTGRESQL_DAMAGE else ""


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
