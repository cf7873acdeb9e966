"""The catalogs that workers announced; the one seen last counts."""

from sqlalchemy import Connection, insert, select, update

from backend.store.schema import catalogs
from rhoscope.catalog import Catalog
from rhoscope.errors import Unavailable


def newest(db: Connection) -> Catalog:
    """Raises: Unavailable, when no worker was ever seen."""
    body = db.scalar(select(catalogs.c.body).order_by(catalogs.c.seen.desc()).limit(1))
    if body is None:
        raise Unavailable(
            "No worker has reported its catalog yet, so it is not known what can be trained. "
            "Start a worker with `rhoscope worker`."
        )
    return Catalog.model_validate_json(body)


def known(db: Connection) -> dict[str, float]:
    """When each catalog was last seen, Unix seconds, by digest."""
    return {row.digest: row.seen for row in db.execute(select(catalogs.c.digest, catalogs.c.seen))}


def add(db: Connection, digest: str, body: str, seen: float) -> None:
    """Keep a catalog."""
    db.execute(insert(catalogs).values(digest=digest, body=body, seen=seen))


def see(db: Connection, digest: str, seen: float) -> None:
    """Note that a worker with this catalog lives."""
    db.execute(update(catalogs).where(catalogs.c.digest == digest).values(seen=seen))
