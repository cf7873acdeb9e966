"""Pages of a real SQLite file that are not as they were written: said in a sentence, and all others go on."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from entries import block, commit, event, new_run
from instrument import wait_for
from served import Attempt, Served

from backend.store import Store, events, rows
from rhoscope.environment import Environment
from rhoscope.errors import Damaged
from rhoscope.local import embedded
from rhoscope.local.process import end

FIRST, LAST = "first", "last"
NAMES = ("loss", "k", "score", "gap")
STEPS = 5 * 4096
SENTENCE = "The store is damaged: database disk image is malformed. Put a copy back"
NOISE = random.Random(0)


def filled(store: Store) -> list[str]:
    """Two runs with rows and events enough that most pages hold those of one alone."""
    series = [{"name": one, "title": one, "unit": "1", "formula": "x", "help": "A number."} for one in NAMES]
    facts = {"start_step": 0, "total_steps": STEPS, "epochs": 1, "series": series}
    made = [new_run(store, name=name) for name in (FIRST, LAST)]
    for run in made:
        commit(store, run, event(run, 1, 1, "started", 0, **facts))
        for first in range(0, STEPS, 4096):
            steps = np.arange(first, first + 4096)
            commit(store, run, block(run, 1, 2 + first, steps, steps / 3, *NAMES))
        lines = [event(run, 1, STEPS + n, "log", n, line="x" * 500) for n in range(60)]
        commit(store, run, *lines, event(run, 1, 2 * STEPS, "finished", STEPS, state="completed"))
    store.close()
    return made


def damage(file: Path, table: str, kind: str) -> None:
    """Write noise over the first pages of a table; the link between pages stays where there is one."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY pageno LIMIT 1"
        (page,) = db.execute(query, (table, kind)).fetchone()
    link = 4 if kind == "overflow" else 0
    with file.open("r+b") as pages:
        pages.seek((page - 1) * size + link)
        pages.write(NOISE.randbytes(size - link))


@pytest.mark.parametrize(
    ("table", "kind"),
    [("chunks", "leaf"), ("chunks", "overflow"), ("events", "leaf"), ("outlines", "leaf")],
)
def test_what_lies_on_a_damaged_page_is_refused_and_the_other_run_is_whole(
    tmp_path: Path, table: str, kind: str
) -> None:
    file = tmp_path / "store.db"
    store = Store(f"sqlite:///{file}")
    store.open()
    first, last = filled(store)
    damage(file, table, kind)
    store.open()
    with pytest.raises(Damaged, match="The store is damaged") as caught:
        everything(store, first)
    assert store.damage == caught.value.detail
    curve, happened = everything(store, last)
    assert np.array_equal(curve[1], np.float32(np.arange(STEPS) / 3))
    assert len(happened) == 62
    store.close()


def everything(store: Store, run: str) -> tuple[rows.Curve, list[object]]:
    with store.reading() as db:
        happened = events.of_run(db, run)
        rows.outlines.inside(db, run, NAMES, 0, rows.LAST)
        return rows.read(db, run, NAMES)["loss"], list(happened)


def test_values_of_before_checksums_are_read_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = Store(f"sqlite:///{file}")
    store.open()
    run, _ = filled(store)
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE chunks SET data = substr(data, 1, length(data) - 5)")
        db.commit()
    curve, _ = everything(store, run)
    assert len(curve[0]) == STEPS
    store.close()


def test_a_file_that_is_no_database_is_named_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(NOISE.randbytes(20_000))
    with pytest.raises(
        Damaged, match=r"store\.db: The store is damaged: file is not a database\. Put a copy"
    ):
        Store(f"sqlite:///{file}").open()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """An environment whose store has a damaged page."""
    environment = Environment(data_dir=tmp_path_factory.mktemp("damaged"), lease_s=2.0)
    store = Store(environment.store_url)
    store.open()
    filled(store)
    damage(environment.data_dir / "rhoscope.db", "chunks", "leaf")
    server = embedded.start(environment)
    yield environment
    end(server)


def test_the_api_says_it_once_and_serves_all_else(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    runs = {run["name"]: run["id"] for run in api.get("/runs").json()["runs"]}
    assert httpx.get(f"{served.url}/readyz").json()["warnings"] == []
    for path in ("series", "export?format=csv", "verdict", "export?format=parquet"):
        answer = api.get(f"/runs/{runs[FIRST]}/{path}")
        assert answer.status_code == 500
        assert answer.json()["detail"].startswith(SENTENCE)
        assert api.get(f"/runs/{runs[LAST]}/{path}").status_code == 200
    ready = httpx.get(f"{served.url}/readyz")
    assert (ready.status_code, len(ready.json()["warnings"])) == (200, 1)
    assert "damaged" in ready.json()["warnings"][0]
    attempt = begun()
    attempt.rows(range(5))
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == 5, 20, "a run that goes on")
    attempt.finish(5)
