"""Saved views: addresses of pages, each under a name of its own."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from backend.store.runs import new_id
from backend.store.view_schema import views
from rhoscope.errors import Conflict, NotFound
from rhoscope.views import NewView, View

MOST = 500
"""Views there can be."""


def all_of(db: Connection) -> Sequence[View]:
    """Every view, by name."""
    rows = db.execute(select(views).order_by(func.lower(views.c.name), views.c.name)).mappings()
    return [View(**row) for row in rows]


def get(db: Connection, view: str) -> View:
    """Raises: NotFound."""
    row = db.execute(select(views).where(views.c.id == view)).mappings().first()
    if row is None:
        raise NotFound(f"There is no view '{view}'.")
    return View(**row)


def add(db: Connection, new: NewView, author: str) -> View:
    """Keep a view. Raises: Conflict, when its name is taken, or when there are too many."""
    _check_free(db, new.name)
    count = db.scalar(select(func.count()).select_from(views)) or 0
    if count >= MOST:
        raise Conflict(f"There are {count} views, the maximum; delete one first.")
    row = {"id": new_id(), "author": author, "created": time.time(), **new.model_dump()}
    db.execute(insert(views).values(**row))
    return get(db, str(row["id"]))


def edit(db: Connection, view: str, changes: Mapping[str, Any]) -> View:
    """Give a view another name or address. Raises: NotFound; Conflict, when the name is taken."""
    get(db, view)
    if "name" in changes:
        _check_free(db, changes["name"], view)
    if changes:
        db.execute(update(views).where(views.c.id == view).values(**changes))
    return get(db, view)


def remove(db: Connection, view: str) -> None:
    """Forget a view. Raises: NotFound."""
    get(db, view)
    db.execute(delete(views).where(views.c.id == view))


def _check_free(db: Connection, name: str, view: str = "") -> None:
    if db.scalar(select(views.c.id).where(views.c.name == name, views.c.id != view)):
        raise Conflict(f"There is a view '{name}' already; choose another name, or change that view.")
