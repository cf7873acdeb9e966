"""Lists of runs against a plain model of them: which, in which order, page by page, and what is read."""

import itertools
import math
import random
from typing import Any

import pytest
from older import set_back
from sqlalchemy import Connection, event, select, update

from backend.store import Store, facts, index, pages, progress, runs
from backend.store.facts import LEAST
from backend.store.pages import Condition, Filters
from backend.store.progress import BEST
from backend.store.schema import runs as table
from backend.store.search import folded
from rhoscope.runs import Run
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

MANY = 80
STATES = ("queued", "running", "completed", "completed", "failed", "paused")
WORDS = ("anna", "berta", "Caesar", "dora", "Émile")
SORTS = [*(name for name in facts.NAMES if name != "duration"), "settings.alpha", "settings.note"]
ANSWERS: list[tuple[str, Filters]] = [
    ("everything", Filters()),
    ("states", Filters(states=[RunState.COMPLETED, RunState.FAILED])),
    ("a word", Filters(q="anna")),
    ("an accent", Filters(q="émile")),
    ("nothing", Filters(q="zebra")),
    ("a strategy", Filters(strategy="ogm")),
    ("a strategy it was steered to", Filters(strategy="joint", states=[RunState.COMPLETED])),
    ("a tag", Filters(tag="paper")),
    ("best", Filters(where=[Condition(name="best", compare=">=", value=0.5)])),
    ("test", Filters(where=[Condition(name="test", compare="<", value=0.5)])),
    ("not test", Filters(where=[Condition(name="test", compare="!=", value=0.25)])),
    ("a setting", Filters(q="run", where=[Condition(name="settings.alpha", compare="<=", value=1.5)])),
    ("a text", Filters(where=[Condition(name="settings.note", compare="=", value="low")])),
    ("fusion", Filters(where=[Condition(name="fusion", compare="=", value="sum")])),
]


def crowded(store: Store, seed: int) -> list[Run]:
    """Runs with all kinds of facts, and some that lack them."""
    dice = random.Random(seed)
    with store.writing() as db:
        for n in range(MANY):
            settings = dice.choice(
                [{}, {"alpha": dice.choice([0.1, 1, 1.5, 2])}, {"alpha": "low"}, {"note": "low"}]
            )
            fusion = dice.choice(["sum", "concat"])
            spec = RunSpec(
                strategy=dice.choice(["ogm", "joint"]),
                fusion=fusion,
                settings=settings,
                tags=dice.choice([[], ["paper"], ["draft", "paper"]]),
                name=f"run {dice.choice(WORDS)} {dice.choice('xyz')}",
            )
            run = runs.create(db, spec, settings)
            db.execute(update(table).where(table.c.id == run).values(**_numbers(dice, n)))
        return runs.of_ids(db, db.scalars(select(table.c.id)).all())


def _numbers(dice: random.Random, n: int) -> dict[str, Any]:
    last = dice.choice(
        [{}, {"test.accuracy": dice.random()}, {"test.accuracy": math.nan}, {"test.accuracy": 0.25}]
    )
    course = dice.choice([{}, {}, {"alpha": "steered: 1 → 2"}])
    best = dice.choice([{}, {"val.accuracy": dice.random(), "step": 3}])
    return {
        "created": float(n // 3),
        "state": dice.choice(STATES),
        "step": dice.randrange(5),
        "total_steps": dice.choice([None, 0, 8]),
        "epoch": dice.randrange(3),
        "started": dice.choice([None, 3.0, 5.0]),
        "finished": dice.choice([None, 7.0]),
        "worker": dice.choice(["", "a", "b"]),
        "best": best,
        "best_accuracy": progress.scored(best),
        "last": last,
        "test_accuracy": progress.tested(last),
        "course": course,
        "strategy": dice.choice(["ogm", "joint", "steered: ogm → joint"]),
    }


def fact(run: Run, name: str) -> tuple[float | None, str | None]:
    """The number and the text of a fact, as far as there are."""
    if name.startswith(facts.SETTING):
        value = run.course.get(name.removeprefix(facts.SETTING)) or run.settings.get(
            name.removeprefix(facts.SETTING)
        )
        return (None, value) if isinstance(value, str) else (value, None)
    if name in ("best", "test"):
        values, key = (run.best, "val.accuracy") if name == "best" else (run.last, "test.accuracy")
        return (values[key] if math.isfinite(values.get(key, math.nan)) else None), None
    if name == "progress":
        share = run.step / run.total_steps if run.total_steps else None
        return (1.0 if run.state == RunState.COMPLETED else share), None
    if name in ("fusion", "dataset"):
        return None, getattr(run.spec, name)
    value = strategies(run) if name == "strategy" else getattr(run, name)
    return (None, value) if name not in facts.NUMBERS else (value, None)


STRATEGIES: dict[str, str] = {}


def strategies(run: Run) -> str:
    """What a run is filed under, which nobody outside the store sees."""
    return STRATEGIES[run.id]


def place(run: Run, name: str) -> tuple[float, str, str]:
    number, text = fact(run, name)
    return LEAST if number is None else number, text or "", run.id


def keeps(filters: Filters, run: Run) -> bool:
    """Whether a run is among those."""
    filed = strategies(run)
    among = filed == filters.strategy or f" {filters.strategy} → " in f" {filed} → "
    words = all(word in folded(run.name) or run.id.startswith(word) for word in folded(filters.q).split())
    return (
        (not filters.states or run.state in filters.states)
        and (not filters.strategy or among)
        and (not filters.tag or filters.tag in run.tags)
        and words
        and all(holds(one, run) for one in filters.where)
    )


def holds(condition: Condition, run: Run) -> bool:
    number, text = fact(run, condition.name)
    wanted = condition.value
    if condition.compare == "!=":
        return number != wanted
    if isinstance(wanted, str):
        return text == wanted
    compared = {"<": lambda v: v < wanted, "<=": lambda v: v <= wanted, ">=": lambda v: v >= wanted}
    return number is not None and bool(compared[condition.compare](number))


def test_every_order_of_every_filter_is_that_of_a_plain_sort(store: Store) -> None:
    every = crowded(store, 0)
    with store.reading() as db:
        STRATEGIES.update({row.id: row.strategy for row in db.execute(select(table.c.id, table.c.strategy))})
        for n, (what, filters) in enumerate(ANSWERS):
            kept = [run for run in every if keeps(filters, run)]
            assert bool(kept) == (what != "nothing"), what
            for name in SORTS[n % 4 :: 4] if n else SORTS:
                expected = [run.id for run in sorted(kept, key=lambda run, by=name: place(run, by))]
                for sort, ids in ((name, expected), (f"-{name}", expected[::-1])):
                    answer = index.index(db, filters, sort)
                    assert answer.runs == ids, f"{what} by {sort}"
                    assert answer.total == len(ids)


def test_pages_of_any_length_are_the_same_list(store: Store) -> None:
    every = crowded(store, 2)
    with store.reading() as db:
        for sort in ("-created", "test", "-settings.alpha", "strategy", "step"):
            whole = index.index(db, Filters(), sort).runs
            for limit in (7, MANY // 2, MANY, 100):
                read, cursor = list[Run](), ""
                while cursor is not None:
                    page = pages.page(db, Filters(), sort, limit, cursor)
                    assert page.total == MANY
                    read += page.runs
                    cursor = page.next
                assert [run.id for run in read] == whole
    assert sorted(run.id for run in read) == sorted(run.id for run in every)
    assert {run.id: run for run in read} == {run.id: run.model_copy(update={"series": []}) for run in every}


def test_states_are_counted_whatever_states_are_kept(store: Store) -> None:
    every = crowded(store, 3)
    with store.reading() as db:
        for filters in (Filters(), Filters(q="anna"), Filters(q="anna", states=[RunState.FAILED])):
            answer = index.index(db, filters, "-created")
            alike = [run for run in every if filters.q in folded(run.name)]
            assert answer.states == {
                state: n for state in RunState if (n := sum(run.state == state for run in alike))
            }
            assert answer.total == sum(not filters.states or run.state in filters.states for run in alike)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL plans by sizes
def test_a_list_reads_no_whole_row_of_a_run(store: Store) -> None:
    crowded(store, 4)
    for n, (what, filters) in enumerate(ANSWERS):
        for sort, by in itertools.product(
            (*SORTS[n % 4 :: 4], "-created", "duration"), ("", "strategy", "tag")
        ):
            for step in plans(store, filters, sort, by):
                assert "runs" not in step or "USING COVERING INDEX" in step, f"{what} by {sort}: {step}"


def plans(store: Store, filters: Filters, sort: str, by: str) -> list[str]:
    """How SQLite answers each query of a list."""
    with store.reading() as db:
        statements: list[tuple[str, Any]] = []

        def note(_db: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            statements.append((statement, values))

        event.listen(db, "before_cursor_execute", note)
        index.index(db, filters, sort, by)
        event.remove(db, "before_cursor_execute", note)
        steps = [
            str(row[3])
            for statement, values in statements
            for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert steps
    return steps


def test_runs_of_older_stores_have_the_facts_that_lists_sort_by(store: Store) -> None:
    every = crowded(store, 5)
    with store.reading() as db:
        STRATEGIES.update({row.id: row.strategy for row in db.execute(select(table.c.id, table.c.strategy))})
        sorts = ("test", "fusion", "best", "settings.alpha")
        before = {sort: index.index(db, Filters(), sort).runs for sort in sorts}
    odd = every[0].id
    with store.writing() as db:
        set_back(db, "0014")
        db.exec_driver_sql(f"UPDATE runs SET spec = '{{', last = '[' WHERE id = '{odd}'")
    store.open()
    with store.reading() as db:
        for sort, ids in before.items():
            after = index.index(db, Filters(), sort).runs
            assert [run for run in after if run != odd] == [run for run in ids if run != odd]
        row = db.execute(select(table).where(table.c.id == odd)).mappings().one()
    assert (row["fusion"], row["test_accuracy"]) == ("", None)
    assert row["best_accuracy"] == row["best"].get(BEST)


def test_runs_of_older_stores_do_what_new_ones_of_the_same_settings_do(store: Store) -> None:
    given = [
        RunSpec(strategy="ogm", settings={"lr": 0.1, "note": "größer"}),
        RunSpec(strategy="ogm", settings={"lr": 0.1, "note": "größer"}, name="again"),
        RunSpec(strategy="ogm", settings={"lr": 0.1, "note": "größer"}, encoders={"audio": "mlp"}),
        RunSpec(strategy="joint", settings={"lr": 0.1}),
        RunSpec(strategy="joint", settings={"lr": 0.2}),
    ]
    with store.writing() as db:
        ids = [runs.create(db, spec, spec.settings) for spec in given]
        before = doings(db)
        set_back(db, "0017")
    store.open()
    with store.reading() as db:
        assert doings(db) == before
    assert len({before[run] for run in ids}) == len(given) - 1
    assert before[ids[0]] == before[ids[1]]


def doings(db: Connection) -> dict[str, str]:
    return {row.id: row.doing for row in db.execute(select(table.c.id, table.c.doing))}
