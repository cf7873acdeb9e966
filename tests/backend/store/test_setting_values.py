"""Settings one by one, by which lists find runs: what they are now, whoever wrote it."""

import pytest
from sqlalchemy import update

from backend.store import Store, index, pages, runs, stream
from backend.store.pages import Condition, Filters
from backend.store.schema import runs as table
from rhoscope.records import Event
from rhoscope.spec import RunSpec
from rhoscope.states import RunState


def test_a_setting_is_found_by_its_present_value_whoever_wrote_it(store: Store) -> None:
    def having(name: str, value: float | str) -> list[str]:
        with store.reading() as db:
            alike = Filters(where=[Condition(name=f"settings.{name}", compare="=", value=value)])
            return index.index(db, alike, f"settings.{name}").runs

    given = {"lr": 0.1, "note": "low", "flag": True, "list": [1], "optimizer.lr": 3, 'odd "name': 1}
    with store.writing() as db:
        one, other = (runs.create(db, RunSpec(name=name), given) for name in ("one", "other"))
        began = {"run": one, "attempt": 1, "kind": "started", "step": 0, "time": 1.0, "data": {}}
        turned = began | {"kind": "setting", "data": {"setting": "lr", "old": 0.1, "new": 0.2}}
        for n, fields in enumerate((began, turned)):
            stream.commit(
                db, one, [stream.decode(one, (1, n), {b"e": Event.model_validate(fields).encode()})]
            )
        db.execute(update(table).where(table.c.id == other).values(settings={"lr": 0.5, "late": "x"}))
    assert (having("lr", 0.1), having("lr", 0.5)) == ([], [other])
    assert having("lr", "steered: 0.1 → 0.2") == [one]
    assert (having("note", "low"), having("flag", "true"), having("late", "x")) == ([one], [one], [other])
    with store.reading() as db:
        known = {name: pages.has_setting(db, name) for name in ("lr", "flag", "list", "late", "never")}
    assert known == {"lr": True, "flag": True, "list": False, "late": True, "never": False}
    with store.writing() as db:
        runs.move(db, runs.get(db, other), RunState.STOPPED)
        runs.remove(db, other)
        assert not pages.has_setting(db, "late")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL reads JSON itself
def test_a_setting_that_another_program_wrote_so_that_it_can_not_be_read_is_none(store: Store) -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(), {"lr": 0.1})
        db.exec_driver_sql("UPDATE runs SET settings = '{'")
        assert not pages.has_setting(db, "lr")
        db.exec_driver_sql("UPDATE runs SET settings = '{\"lr\": 2}', course = '['")
        assert index.index(db, Filters(), "settings.lr").runs == [run]
        assert pages.has_setting(db, "lr")
