"""The catalogs that workers announced; of each program, and of our plug-ins, the one seen last counts."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, case, insert, select, update

import rhoscope
from backend.store.schema import catalogs
from rhoscope.catalog import Catalog
from rhoscope.catalog_faults import catalog_fault
from rhoscope.errors import Unavailable
from rhoscope.plugin import Plugin

log = logging.getLogger("rhoscope.store")


KEPT_S = 7 * 86_400.0
"""How long a program stays among those that can be launched after its last worker was seen."""


def newest(db: Connection) -> Catalog:
    """The plug-ins of the installation seen last, and the newest declaration of each program.

    Raises:
        Unavailable: when nothing can be launched.
    """
    now = time.time()
    seen = case((catalogs.c.seen > now, 0.0), else_=catalogs.c.seen)
    query = select(catalogs.c.digest, catalogs.c.body).order_by(seen.desc(), catalogs.c.digest)
    ours = next((one for row in db.execute(query.where(catalogs.c.program == "")) if (one := _of(row))), None)
    recent = query.where(catalogs.c.program != "", catalogs.c.seen > now - KEPT_S)
    programs: dict[str, Plugin] = {}
    for one in filter(None, map(_of, db.execute(recent))):
        programs = {plugin.name: plugin for plugin in one.of_kind("program")} | programs
    if ours is None and not programs:
        raise Unavailable(
            "No worker has reported its catalog yet, so it is not known what can be trained. "
            "Start a worker with `rhoscope worker`."
        )
    version = ours.version if ours else rhoscope.__version__
    own = [plugin for plugin in (ours.plugins if ours else ()) if plugin.kind != "program"]
    return Catalog(version=version, plugins=[*own, *(programs[name] for name in sorted(programs))])


def _of(row: Any) -> Catalog | None:
    return _sound(row.digest, row.body)


@lru_cache(64)
def _sound(digest: str, body: str) -> Catalog | None:
    """A stored catalog, unless an earlier version kept one that can't be used."""
    if reason := catalog_fault(body.encode(errors="replace")):
        log.warning("Catalog %s is not used: %s", digest, reason)
        return None
    return Catalog.model_validate_json(body)


@dataclass(frozen=True)
class Seen:
    """When a catalog was last seen, Unix seconds; 0 where that is not over yet. And the program it is of."""

    seen: float
    program: str


def known(db: Connection) -> dict[str, Seen]:
    """Every catalog that is kept, by its digest."""
    now = time.time()
    rows = db.execute(select(catalogs.c.digest, catalogs.c.seen, catalogs.c.program))
    return {row.digest: Seen(row.seen if row.seen <= now else 0.0, row.program) for row in rows}


def add(db: Connection, digest: str, body: str, seen: float) -> None:
    """Keep a catalog that was checked."""
    plugins = Catalog.model_validate_json(body).plugins
    program = plugins[0].name if plugins and all(p.kind == "program" for p in plugins) else ""
    db.execute(insert(catalogs).values(digest=digest, body=body, seen=seen, program=program))


def see(db: Connection, digest: str, seen: float) -> None:
    """Note that a worker with this catalog lives."""
    db.execute(update(catalogs).where(catalogs.c.digest == digest).values(seen=seen))
