"""Saved views: what a page shows, and how, under a name."""

from fastapi import APIRouter, Response

from backend.application import Here
from backend.http.answers import Key, json_answer, list_answer, text_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders.once import once
from backend.store import views
from rhoscope.views import NewView, View, ViewEdit

router = APIRouter(tags=["views"])


@router.get("/views", response_model=list[View], responses=documented(503))
def list_views(here: Here) -> Response:
    """List all saved views by name."""
    with here.store.reading() as db:
        return list_answer(views.all_of(db))


@router.post("/views", status_code=201, response_model=View, responses=documented(409, 413, 503))
def save_view(here: Here, who: Who, new: NewView, key: Key = "") -> Response:
    """Save the address of a page under a name that no other view has."""
    request = ["view", new.model_dump()]
    view = once(here, key, request, lambda db, _sign: views.add(db, new, who.name).model_dump_json())
    return text_answer(view, 201)


@router.patch("/views/{view}", response_model=View, responses=documented(404, 409, 413, 503))
def edit_view(here: Here, view: str, changes: ViewEdit) -> Response:
    """Rename a view, or let it show something else."""
    with here.store.writing() as db:
        return json_answer(views.edit(db, view, changes.model_dump(exclude_none=True)))


@router.delete("/views/{view}", status_code=204, responses=documented(404, 503))
def delete_view(here: Here, view: str) -> Response:
    """Delete a view; the runs that it shows stay."""
    with here.store.writing() as db:
        views.remove(db, view)
    return Response(status_code=204)
