"""The store, on SQLite and PostgreSQL alike: each acknowledged row once, whatever attempts came and went."""

import math
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from entries import block, commit, event, new_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, text

from backend.store import Store, events, portions, rows, runs, stream
from backend.store.schema import blocks, chunks
from backend.store.setting_schema import metadata
from rhoscope.errors import Conflict, InvalidInput, Unavailable
from rhoscope.spec import Origin, RunSpec
from rhoscope.states import RunState

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def curve(store: Store, run: str, name: str = "loss") -> tuple[list[int], list[float]]:
    with store.reading() as db:
        steps, values = rows.read(db, run, [name])[name]
    return steps.tolist(), values.tolist()


def test_the_migrations_make_exactly_the_declared_tables(store: Store) -> None:
    with store.reading() as db:
        indices = {"sqlite": ["ix_runs_place"], "postgresql": ["ix_runs_facts", "setting_values"]}
        elsewhere = indices[db.dialect.name]
        options = {"compare_type": True, "include_object": lambda _thing, name, *_: name not in elsewhere}
        context = MigrationContext.configure(db, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_store_of_a_newer_rhoscope_is_refused(store: Store) -> None:
    with store.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(Conflict, match="newer rhoscope"):
        store.open()


def test_a_store_opened_twice_keeps_what_it_has(store: Store) -> None:
    run = new_run(store)
    store.open()
    with store.reading() as db:
        assert runs.get(db, run).state == RunState.QUEUED


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("nonsense", InvalidInput, "RHOSCOPE_DATABASE_URL"),
        ("postgresql+psycopg://x@127.0.0.1:1/none", Unavailable, "can't be opened"),
        ("sqlite:////proc/none/store.db", Unavailable, "can't be opened"),
    ],
)
def test_a_database_that_can_not_be_had_is_one_sentence(url: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Store(url).open()


def test_an_error_leaves_nothing_half_written(store: Store) -> None:
    def half_done() -> None:
        with store.writing() as db:
            runs.create(db, RunSpec(), {})
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half_done()
    with store.reading() as db:
        assert sum(runs.counts(db).values()) == 0


@given(data=st.data())
@QUICK
def test_every_row_is_there_once_whatever_attempts_came_and_what_came_twice(
    store: Store, data: st.DataObject
) -> None:
    """Against a dictionary: a later attempt's rows replace earlier ones from its first step on."""
    run, model = new_run(store), dict[int, float]()
    entries: list[stream.Entry] = []
    for attempt in range(1, data.draw(st.integers(1, 4), "attempts") + 1):
        step = data.draw(st.integers(0, max(model, default=-1) + 1), "start")
        model = {s: v for s, v in model.items() if s < step}
        entries.append(event(run, attempt, 1, "started", step, start_step=step))
        for seq in range(2, data.draw(st.integers(0, 4), "blocks") + 2):
            gaps = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2500), "gaps")
            steps = step - 1 + np.cumsum(gaps)
            entries.append(block(run, attempt, seq, steps, attempt + steps / 1e4))
            model |= {int(s): float(np.float32(attempt + s / 1e4)) for s in steps}
            step = int(steps[-1]) + 1
    position = 0
    while position < len(entries):
        size = data.draw(st.integers(1, 5), "batch")
        again = data.draw(st.integers(0, position), "delivered again from")
        commit(store, run, *entries[again : position + size])
        position += size
    assert curve(store, run) == (list(model), list(model.values()))
    with store.reading() as db:
        assert runs.position(db, run) == entries[-1].position


def test_many_rows_become_chunks_and_read_the_same(store: Store) -> None:
    run = new_run(store)
    for seq in range(1, 101):
        steps = np.arange(100) + 100 * (seq - 1)
        commit(store, run, block(run, 1, seq, steps, np.sin(steps), "loss", "rho.audio"))
    with store.reading() as db:
        assert db.scalar(select(func.count()).select_from(chunks)) == 6  # two full chunks of three columns
        assert db.scalar(select(func.count()).select_from(blocks)) == 100 - 2 * 41
    steps, values = curve(store, run, "rho.audio")
    assert steps == list(range(10_000))
    np.testing.assert_array_equal(values, np.sin(np.arange(10_000)).astype(np.float32))


def test_a_series_that_is_not_there_at_every_step_keeps_its_steps(store: Store) -> None:
    run = new_run(store)
    commit(store, run, block(run, 1, 1, range(3000), 1, "loss", "k"))
    commit(store, run, block(run, 1, 2, range(3000, 6000), 2, "loss"))
    commit(store, run, block(run, 1, 3, range(6000, 9000), 3, "loss", "k"))
    steps, values = curve(store, run, "k")
    assert steps == [*range(3000), *range(6000, 9000)]
    assert set(values) == {1, 3}


def test_nan_is_a_finding_and_missing_is_nothing(store: Store) -> None:
    run = new_run(store)
    commit(store, run, block(run, 1, 1, [0, 1], [1, math.nan]))
    values = {"val.accuracy": math.nan, "probe": math.inf}
    commit(store, run, event(run, 1, 2, "values", 2, values=values))
    assert math.isnan(curve(store, run)[1][1])
    assert math.isnan(curve(store, run, "val.accuracy")[1][0])
    assert curve(store, run, "probe")[1] == [math.inf]
    assert curve(store, run, "rho.audio") == ([], [])


def test_sparse_values_of_a_later_attempt_replace_those_behind_its_start(store: Store) -> None:
    """The value at the start itself was measured by the earlier attempt, before its checkpoint."""
    run = new_run(store)
    result = {10: 0.2, 20: 0.9, 30: 0.4}
    for seq, (step, value) in enumerate(result.items(), 1):
        commit(store, run, block(run, 1, 2 * seq, range(step - 10, step), 1.0))
        commit(store, run, event(run, 1, 2 * seq + 1, "values", step, values={"val.accuracy": value}))
    with store.writing() as db:
        runs.move(db, runs.get(db, run), RunState.QUEUED, attempt=2)
    commit(store, run, event(run, 2, 1, "started", 10, start_step=10))
    assert curve(store, run, "val.accuracy") == ([10], [0.2])
    assert curve(store, run)[0] == list(range(10))
    with store.reading() as db:
        assert runs.get(db, run).best == {"val.accuracy": 0.2, "step": 10}


@pytest.mark.parametrize(
    "fields",
    [
        {b"b": b"RB1\nnonsense"},
        {b"b": b""},
        {b"e": b"{}"},
        {b"x": b"?"},
        {b"e": b'{"run":"other","attempt":1,"kind":"log","step":0,"time":1}'},
        {b"e": b'{"run":"RUN","attempt":1,"kind":"values","step":-4,"time":1,"data":{"values":{}}}'},
        {b"e": b'{"run":"RUN","attempt":1,"kind":"values","step":4,"time":1,"data":{"values":{"a":"b"}}}'},
    ],
)
def test_an_entry_that_can_not_be_read_is_noted_and_the_next_one_is_stored(
    store: Store, fields: dict[bytes, bytes]
) -> None:
    run = new_run(store)
    mended = {name: value.replace(b"RUN", run.encode()) for name, value in fields.items()}
    commit(store, run, stream.decode(run, (1, 1), mended), block(run, 1, 2, [0, 1], 1.0))
    assert curve(store, run)[0] == [0, 1]
    with store.reading() as db:
        (noted,) = events.of_run(db, run)
    assert noted.kind == "log"
    assert "Entry 1-1 of the stream was skipped" in noted.data["line"]


def test_what_arrives_for_a_deleted_run_is_dropped(store: Store) -> None:
    run = new_run(store)
    with store.writing() as db:
        runs.move(db, runs.get(db, run), RunState.STOPPED)
        runs.remove(db, run)
    commit(store, run, block(run, 1, 1, [0], 1.0))
    with store.reading() as db:
        assert db.scalar(select(func.count()).select_from(blocks)) == 0


def test_deleting_a_run_takes_all_its_rows_along_and_no_other(store: Store) -> None:
    gone, stays = new_run(store), new_run(store)
    for run in (gone, stays):
        commit(store, run, block(run, 1, 1, range(5000), 1.0), block(run, 1, 2, [5000], 1.0))
        commit(store, run, event(run, 1, 3, "values", 1, values={"a": 1.0}))
    with store.writing() as db:
        runs.move(db, runs.get(db, gone), RunState.STOPPED)
        runs.remove(db, gone)
    assert curve(store, gone) == ([], [])
    assert len(curve(store, stays)[0]) == 5001
    with store.reading() as db:
        names = inspect(db).get_table_names()
        for table in (one for one in metadata.tables.values() if one.name in names):
            if "run" in table.c:
                assert set(db.scalars(select(table.c.run).where(table.c.run.is_not(None)))) <= {stays}


def test_a_fork_shows_its_ancestors_curves_up_to_where_it_took_over(store: Store) -> None:
    parent = new_run(store)
    commit(store, parent, block(parent, 1, 1, range(30), 1.0))
    commit(store, parent, event(parent, 1, 2, "values", 10, values={"val": 0.1}))
    commit(store, parent, event(parent, 1, 3, "values", 20, values={"val": 0.2}))
    checkpoint = f"attempt-0001-step-000000010-{'0' * 64}.pt"
    child = new_run(store, origin=Origin(run=parent, step=10, checkpoint=checkpoint))
    commit(store, child, block(child, 1, 1, range(10, 25), 2.0))
    commit(store, child, event(child, 1, 2, "values", 20, values={"val": 0.3}))
    with store.reading() as db:
        line = runs.lineage(db, child)
        result = rows.read_line(db, line, ["loss", "val"])
    assert [run for run, _ in line] == [parent, child]
    assert result["loss"][0].tolist() == list(range(25))
    assert result["loss"][1].tolist() == [1.0] * 10 + [2.0] * 15
    assert [a.tolist() for a in result["val"]] == [[10, 20], [0.1, 0.3]]


def test_windows_cover_every_step_once(store: Store) -> None:
    run = new_run(store)
    for seq in range(1, 6):
        commit(store, run, block(run, 1, seq, np.arange(4096) + 4096 * (seq - 1), 1.0))
    with store.reading() as db:
        pieces = portions.windows(db, run, 8192)
        result = [rows.read(db, run, ["loss"], a, b)["loss"][0] for a, b in pieces]
    assert np.concatenate(result).tolist() == list(range(5 * 4096))
    assert len(pieces) > 1


def test_a_million_steps_cost_megabytes(tmp_path: Path) -> None:
    """12 series of float32 are 48 MB; what the store adds to that is counted here."""
    store = Store(f"sqlite:///{tmp_path / 'big.db'}")
    store.open()
    run = new_run(store)
    names = [f"s{i}" for i in range(12)]
    noise = np.random.default_rng(0).normal(size=(12, 4096)).astype(np.float32)
    with store.writing() as db:
        for seq in range(25):
            steps = np.arange(4096) + 4096 * seq
            stream.commit(db, run, [block(run, 1, seq + 1, steps, noise, *names)])
    store.close()
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size < 1.15 * 25 * 4096 * 12 * 4 + 1e6
