"""Catalogs of several kinds of workers, on each database: our plug-ins, and the program of each project."""

import time

from backend.store import Store, catalogs
from rhoscope.catalog import Catalog
from rhoscope.plugin import Plugin, PluginKind


def keep(store: Store, seen: float, *plugins: Plugin) -> None:
    made = Catalog(version="1", plugins=list(plugins))
    with store.writing() as db:
        catalogs.add(db, made.digest(), made.model_dump_json(), time.time() + seen)


def plugin(kind: PluginKind, name: str, help: str = "") -> Plugin:
    return Plugin(kind=kind, name=name, title=name, help=help)


def test_programs_stand_beside_the_newest_plug_ins_each_as_it_was_declared_last(store: Store) -> None:
    keep(store, -9, plugin("training", "training"), plugin("strategy", "old"))
    keep(store, -5, plugin("training", "training"), plugin("strategy", "ogm"), plugin("program", "forged"))
    keep(store, -4, plugin("program", "b"))
    keep(store, -3, plugin("program", "a", "old"))
    keep(store, -2, plugin("program", "a", "new"))
    keep(store, -catalogs.KEPT_S - 1, plugin("program", "forgotten"))
    with store.reading() as db:
        newest = catalogs.newest(db)
        known = catalogs.known(db)
    assert [(p.kind, p.name, p.help) for p in newest.plugins if p.kind != "training"] == [
        ("strategy", "ogm", ""),
        ("program", "a", "new"),
        ("program", "b", ""),
    ]
    assert sorted(one.program for one in known.values()) == ["", "", "a", "a", "b", "forgotten"]


def test_a_program_can_be_launched_where_nothing_else_can(store: Store) -> None:
    keep(store, 0, plugin("program", "a"))
    with store.reading() as db:
        assert [p.name for p in catalogs.newest(db).plugins] == ["a"]
