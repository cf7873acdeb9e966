"""The catalogs that workers announced; the one seen last counts."""

import logging
import time
from functools import lru_cache

from sqlalchemy import Connection, case, insert, select, update

from backend.store.schema import catalogs
from rhoscope.catalog import Catalog
from rhoscope.catalog_faults import catalog_fault
from rhoscope.errors import Unavailable

log = logging.getLogger("rhoscope.store")


def newest(db: Connection) -> Catalog:
    """The one seen last that can be used. Raises: Unavailable, when there is none."""
    seen = case((catalogs.c.seen > time.time(), 0.0), else_=catalogs.c.seen)
    query = select(catalogs.c.digest, catalogs.c.body).order_by(seen.desc(), catalogs.c.digest)
    for row in db.execute(query):
        if catalog := _sound(row.digest, row.body):
            return catalog
    raise Unavailable(
        "No worker has reported its catalog yet, so it is not known what can be trained. "
        "Start a worker with `rhoscope worker`."
    )


@lru_cache(8)
def _sound(digest: str, body: str) -> Catalog | None:
    """A stored catalog, unless an earlier version kept one that can't be used."""
    if reason := catalog_fault(body.encode(errors="replace")):
        log.warning("Catalog %s is not used: %s", digest, reason)
        return None
    return Catalog.model_validate_json(body)


def known(db: Connection) -> dict[str, float]:
    """When each catalog was last seen, Unix seconds, by digest; 0 where that is not over yet."""
    now = time.time()
    rows = db.execute(select(catalogs.c.digest, catalogs.c.seen))
    return {row.digest: row.seen if row.seen <= now else 0.0 for row in rows}


def add(db: Connection, digest: str, body: str, seen: float) -> None:
    """Keep a catalog."""
    db.execute(insert(catalogs).values(digest=digest, body=body, seen=seen))


def see(db: Connection, digest: str, seen: float) -> None:
    """Note that a worker with this catalog lives."""
    db.execute(update(catalogs).where(catalogs.c.digest == digest).values(seen=seen))
