"""The queue's order, on each database: by priority, then by age, and how much of it is ahead of a new run."""

from sqlalchemy import event

from backend.store import Store, queue, runs
from rhoscope.runs import Queue
from rhoscope.spec import RunSpec
from rhoscope.states import RunState


def queued(store: Store, *priorities: int) -> list[str]:
    with store.writing() as db:
        return [runs.create(db, RunSpec(priority=priority), {}) for priority in priorities]


def test_runs_start_by_priority_and_then_by_age(store: Store) -> None:
    first, low, second, high = queued(store, 0, -1, 0, 5)
    with store.reading() as db:
        assert [run.id for run in queue.waiting(db)] == [high, first, second, low]
        whole, middle = queue.part(db, 0, 100), queue.part(db, 1, 2)
    assert [run.id for run in whole.runs] == [high, first, second, low]
    assert [run.id for run in middle.runs] == [first, second]
    assert [(p.total, p.highest, p.lowest) for p in (whole, middle)] == [(4, 5, -1)] * 2


def test_a_look_at_what_waits_reads_no_specification(store: Store) -> None:
    """It is looked at twice a second, and a specification may hold 100 kB."""
    queued(store, 0, 1)
    request: list[str] = []
    with store.reading() as db:
        event.listen(
            db, "before_cursor_execute", lambda _db, _cursor, statement, *_: request.append(statement)
        )
        assert len(queue.waiting(db)) == 2
    (statement,) = request
    assert "spec" not in statement
    assert "settings" not in statement


def test_what_does_not_wait_is_not_in_the_queue(store: Store) -> None:
    started, waits = queued(store, 9, 0)
    with store.writing() as db:
        runs.move(db, runs.get(db, started), RunState.STARTING)
    with store.reading() as db:
        assert [run.id for run in queue.part(db, 0, 100).runs] == [waits]
        assert queue.part(db, 0, 100).highest == 0


def test_an_empty_queue_has_no_priorities(store: Store) -> None:
    with store.reading() as db:
        assert queue.part(db, 0, 100) == Queue(runs=[], total=0)
        assert queue.ahead(db, 0) == 0


def test_a_new_run_starts_after_all_of_its_own_priority_and_above(store: Store) -> None:
    queued(store, 0, -1, 0, 5)
    with store.reading() as db:
        assert [queue.ahead(db, priority) for priority in (6, 5, 1, 0, -1, -9)] == [0, 1, 1, 3, 4, 4]
