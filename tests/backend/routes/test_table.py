"""What a table of many runs asks: sorted by anything, filtered, bunched; small curves; one act on many."""

import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from instrument import wait_for
from older import set_back
from served import Attempt, Served
from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError

from backend.store import Store, facts, index, pages, progress, runs
from backend.store.pages import Condition, Filters
from backend.store.schema import runs as table
from rhoscope.client import Client
from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec

GIVEN: list[dict[str, Any]] = [
    {"alpha": 0.1, "probe": "", "best": {"val.accuracy": 0.9}, "last": {"test.accuracy": 0.5}},
    {"alpha": 2, "probe": "audio", "best": {"val.accuracy": 0.7}, "last": {"loss": math.nan}},
    {"alpha": -1.5, "best": {}, "last": {"test.accuracy": math.inf, "x": -math.inf}},
    {"seed": True, "best": {"val.accuracy": 0.8}, "last": {"test.accuracy": 0.6}},
]


@pytest.fixture
def four(store: Store) -> list[str]:
    """Runs of two strategies, with the settings and numbers of GIVEN."""
    made = []
    with store.writing() as db:
        for n, given in enumerate(GIVEN):
            tags = [["a", "b"], ["a"], [], ["b"]][n]
            spec = RunSpec(strategy=("ogm", "joint")[n % 2], name=f"Run {n}", tags=tags)
            settings = {k: v for k, v in given.items() if k not in ("best", "last")}
            run = runs.create(db, spec, settings)
            numbers = {"best": given["best"], "last": given["last"], "created": float(n)}
            numbers["test_accuracy"] = progress.tested(given["last"])
            numbers["best_accuracy"] = progress.scored(given["best"])
            db.execute(update(table).where(table.c.id == run).values(**numbers))
            made.append(run)
    return made


SORTS = {
    "-best": [0, 3, 1, 2],
    "test": [1, 2, 0, 3],
    "settings.alpha": [3, 2, 0, 1],
    "-settings.alpha": [1, 0, 2, 3],
    "-settings.probe": [1, 0, 2, 3],
    "strategy": [1, 3, 0, 2],
    "fusion": [0, 1, 2, 3],
    "progress": [0, 1, 2, 3],
    "duration": [0, 1, 2, 3],
    "settings.nothing": [0, 1, 2, 3],
}


@pytest.mark.parametrize(("sort", "order"), SORTS.items(), ids=SORTS.keys())
def test_any_fact_sorts_and_a_cursor_goes_on_where_the_page_before_ended(
    store: Store, four: list[str], sort: str, order: list[int]
) -> None:
    with store.reading() as db:
        result, cursor = list[str](), ""
        while cursor is not None:
            page = pages.page(db, Filters(), sort, 1, cursor)
            result += [run.id for run in page.runs]
            cursor = page.next
        whole = index.index(db, Filters(), sort)
    wanted = [four[n] for n in order]
    given = [GIVEN[four.index(run)] for run in result]
    same = [GIVEN[n] for n in order]
    assert sorted(result) == sorted(four)
    assert whole.runs == result
    if sort in ("-best", "test", "settings.alpha", "-settings.alpha"):
        ties = {"test": 2}.get(sort, 0)
        assert given[ties:] == same[ties:]
        assert set(result[:ties]) == set(wanted[:ties])
    if sort == "strategy":
        assert [run in (four[1], four[3]) for run in result] == [True, True, False, False]


FILTERS = {
    "settings.alpha>0": [0, 1],
    "settings.alpha<=0.1": [0, 2],
    "settings.alpha=2": [1],
    "settings.alpha!=2": [0, 2, 3],
    "settings.probe=audio": [1],
    "settings.seed=true": [3],
    "best>=0.8": [0, 3],
    "test<0.6": [0],
    "fusion=concat": [0, 1, 2, 3],
    "fusion!=concat": [],
    "strategy=joint": [1, 3],
    "strategy=3": [],
    "settings.nothing>0": [],
    "best=high": [],
}


@pytest.mark.parametrize(("text", "kept"), FILTERS.items(), ids=FILTERS.keys())
def test_a_comparison_keeps_the_runs_it_is_true_of(
    store: Store, four: list[str], text: str, kept: list[int]
) -> None:
    compare = next(sign for sign in ("!=", "<=", ">=", "=", "<", ">") if sign in text)
    name, _, value = text.partition(compare)
    number: float | str = float(value) if value.replace(".", "").isdigit() else value
    request = Filters(where=[Condition.model_validate({"name": name, "compare": compare, "value": number})])
    with store.reading() as db:
        assert index.index(db, request, "created").runs == [four[n] for n in kept]
        assert pages.page(db, request, "created", 10).total == len(kept)


def test_bunches_say_how_many_and_how_good(store: Store, four: list[str]) -> None:
    with store.reading() as db:
        by_strategy = index.index(db, Filters(), "-created", "strategy")
        by_alpha = index.index(db, Filters(), "-created", "settings.alpha")
        by_tag = index.index(db, Filters(q="run"), "created", "tag")
    joint, ogm = by_strategy.bunches
    assert (joint.value, joint.count, joint.scored) == ("joint", 2, 2)
    assert joint.mean == pytest.approx(0.75)
    assert joint.deviation == pytest.approx(0.1 / math.sqrt(2))
    assert (ogm.mean, ogm.deviation, ogm.scored) == (0.9, None, 1)
    assert by_strategy.runs == [four[3], four[1], four[2], four[0]]
    assert [bunch.value for bunch in by_alpha.bunches] == [-1.5, 0.1, 2, None]
    assert [(b.value, b.count) for b in by_tag.bunches] == [("a", 2), ("b", 2), (None, 1)]
    assert by_tag.runs == [four[0], four[1], four[0], four[3], four[2]]
    assert by_tag.total == 4


def test_what_is_said_twice_counts_once(store: Store, four: list[str]) -> None:
    with store.writing() as db:
        db.execute(update(table).where(table.c.id == four[1]).values(tags=["a", "a"]))
    with store.reading() as db:
        result = index.index(db, Filters(states=["queued", "queued"]), "created", "tag")
    assert result.total == 4
    assert [(bunch.value, bunch.count) for bunch in result.bunches] == [("a", 2), ("b", 2), (None, 1)]


def test_states_are_counted_whatever_state_is_asked_for(store: Store, four: list[str]) -> None:
    with store.writing() as db:
        db.execute(update(table).where(table.c.id == four[0]).values(state="running"))
    with store.reading() as db:
        result = index.index(db, Filters(states=["running"]), "-created")
    assert (result.total, result.runs, result.states) == (1, four[:1], {"running": 1, "queued": 3})


def test_a_run_with_a_nul_in_it_is_sorted_and_compared_as_any_other(store: Store, four: list[str]) -> None:
    with store.writing() as db:
        spec = RunSpec(fusion="sum").model_copy(
            update={"notes": "a\0b\\u0000 \\\0", "settings": {"probe": "\0"}}  # as earlier versions let in
        )
        odd = runs.create(db, spec, {"probe": "\0au\\u0000\0dio", "alpha": 0.5})
    request = Filters(where=[Condition(name="fusion", compare="=", value="sum")])
    with store.reading() as db:
        assert index.index(db, request, "fusion", "fusion").runs == [odd]
        assert index.index(db, Filters(), "-settings.alpha").runs[:2] == [four[1], odd]
        assert len(index.index(db, Filters(), "settings.probe", "settings.probe").runs) == 5
        if db.dialect.name == "postgresql":
            named = Condition(name="settings.probe", compare="=", value="au\\u0000dio")
            assert index.index(db, Filters(where=[named]), "created").runs == [odd]


def test_every_name_is_one_the_database_can_sort_by(store: Store, four: list[str]) -> None:
    with store.reading() as db:
        for name in facts.NAMES:
            assert len(pages.page(db, Filters(), f"-{name}", 10).runs) == len(four)


def test_sparks_of_runs_are_asked_for_together(api: httpx.Client, begun: Callable[..., Attempt]) -> None:
    attempt = begun(("rho.fast", "accuracy"))
    attempt.rows(range(300))
    attempt.tell("values", 300, values={"val.accuracy": 0.5})
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == 300, 10, "300 steps")
    (spark,) = api.get(f"/runs/sparks?runs={attempt.run},none&points=32").json()
    assert (spark["run"], spark["step"], spark["total"]) == (attempt.run, 300, 100)
    shapes = {series["name"]: series for series in spark["series"]}
    assert len(shapes["accuracy"]["steps"]) <= 32
    assert max(shapes["accuracy"]["high"]) == 299
    many = ",".join(str(n) for n in range(101))
    assert api.get(f"/runs/sparks?runs={many}").json()["errors"][0]["field"] == "runs"


@pytest.mark.parametrize(
    ("query", "field"),
    [("where=alpha", "where"), ("where=alpha>1", "where"), ("by=color", "by"), ("sort=-alpha", "sort")],
)
def test_an_index_that_does_not_fit_is_refused_with_what_there_is(
    api: httpx.Client, query: str, field: str
) -> None:
    (error,) = api.get(f"/runs/index?{query}").json()["errors"]
    assert error["field"] == field
    assert "settings." in error["message"]


def test_one_act_on_many_says_to_which_it_was_done_and_why_not_to_the_others(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    alive = begun().run
    ids = [api.post("/runs", json={"tags": ["old"]}).json()["id"] for _ in range(3)]
    tagged = api.post(
        "/runs/bulk", json={"runs": [*ids, "none"], "act": "tag", "add": ["new"], "remove": ["old"]}
    )
    assert tagged.json()["done"] == ids
    assert [(r["run"], r["status"]) for r in tagged.json()["refused"]] == [("none", 404)]
    assert [api.get(f"/runs/{run}").json()["tags"] for run in ids] == [["new"]] * 3
    full = api.post("/runs/bulk", json={"runs": ids[:1], "act": "tag", "add": [str(n) for n in range(50)]})
    assert "51 tags" in full.json()["refused"][0]["detail"]
    assert api.post("/runs/bulk", json={"runs": ids, "act": "stop"}).json()["done"] == ids
    wait_for(lambda: api.get(f"/runs?state=stopped&ids={','.join(ids)}").json()["total"] == 3, 20, "stopped")
    deleted = api.post("/runs/bulk", json={"runs": [*ids, ids[0], alive], "act": "delete"}).json()
    assert deleted["done"] == ids
    assert [r["run"] for r in deleted["refused"]] == [alive]
    assert "stop it first" in deleted["refused"][0]["detail"]
    assert api.get(f"/runs?ids={','.join(ids)}").json()["runs"] == []


def test_an_act_on_many_says_what_was_done_before_the_store_went_away(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [api.post("/runs", json={}).json()["id"] for _ in range(3)]
    tag = runs.tag

    def fail(db: Connection, run: str, *given: Any) -> None:
        if run != reached:
            raise OperationalError("UPDATE", {}, ConnectionResetError("the store went away"))
        tag(db, run, *given)

    monkeypatch.setattr(runs, "tag", fail)
    request = {"runs": ids, "act": "tag", "add": ["new"]}
    reached = ids[0]
    result = api.post("/runs/bulk", json=request).json()
    assert result["done"] == ids[:1]
    assert [(one["run"], one["status"]) for one in result["refused"]] == [(run, 503) for run in ids[1:]]
    reached = ""
    assert "Nothing was changed" in api.post("/runs/bulk", json=request).json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"act": "stop"},
        {"runs": [], "act": "stop"},
        {"runs": ["a"], "act": "tag"},
        {"runs": ["a"], "act": "explode"},
        {"runs": ["a"], "act": "stop", "add": ["x"]},
    ],
)
def test_an_act_that_does_not_fit_does_nothing(api: httpx.Client, body: dict[str, Any]) -> None:
    assert api.post("/runs/bulk", json=body).status_code == 422


WRITTEN = [
    "Ünlü",
    "Straße",
    "ΣΊΣΥΦΟΣ",
    "Ёлка",
    "İzmir",
    "ｆｕｌｌ ｗｉｄｔｈ",
    "Cafe\u0301",
    "ﬁeld",
    "日本語 テスト",
    "50%_off",
]
SOUGHT = [
    "üNLÜ",
    "u\u0308nlu\u0308",
    "STRASSE",
    "σίσυφος",
    "ёЛКА",
    "izmir",
    "İZMİR",
    "FULL WIDTH",
    "ｗｉｄｔｈ",
]
SOUGHT += ["CAFÉ", "café", "field", "日本語", "ﾃｽﾄ", "50%", "%_o"]
OF = [
    "Ünlü",
    "Ünlü",
    "Straße",
    "ΣΊΣΥΦΟΣ",
    "Ёлка",
    "İzmir",
    "İzmir",
    "ｆｕｌｌ ｗｉｄｔｈ",
    "ｆｕｌｌ ｗｉｄｔｈ",
]
OF += ["Cafe\u0301", "Cafe\u0301", "ﬁeld", "日本語 テスト", "日本語 テスト", "50%_off", "50%_off"]


def test_words_are_searched_for_in_all_languages(store: Store) -> None:
    with store.writing() as db:
        named = {runs.create(db, RunSpec(name=name), {}): name for name in WRITTEN}
    with store.reading() as db:
        for sought, name in zip(SOUGHT, OF, strict=True):
            assert [named[run] for run in index.index(db, Filters(q=sought), "created").runs] == [name], (
                sought
            )


def test_a_renamed_run_is_searched_for_by_its_new_name(store: Store, four: list[str]) -> None:
    with store.writing() as db:
        runs.edit(db, four[0], {"name": "ÉTÉ"})
    with store.reading() as db:
        assert index.index(db, Filters(q="été"), "created").runs == four[:1]


@pytest.mark.parametrize("stored", ["Café", "Cafe\u0301"])
@pytest.mark.parametrize("typed", ["Café", "Cafe\u0301"])
def test_tags_and_texts_are_the_same_however_their_accents_are_composed(
    store: Store, stored: str, typed: str
) -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(name=stored, tags=[stored]), {"folder": stored})
    with store.reading() as db:
        for name in ("name", "settings.folder"):
            where = [Condition(name=name, compare="=", value=typed)]
            assert index.index(db, Filters(where=where), "created").runs == [run]
        assert index.index(db, Filters(tag=typed), "created").runs == [run]


def test_a_text_of_digits_is_compared_as_it_is_written(store: Store) -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(name="007"), {"folder": "0070"})
    with store.reading() as db:
        for name, text in (("name", "007"), ("settings.folder", "0070")):
            for value, result in ((text, [run]), (text[1:], [])):
                where = [Condition(name=name, compare="=", value=float(value), text=value)]
                assert index.index(db, Filters(where=where), "created").runs == result


SILENT = [
    ("settings.alpha>0,5", "'0,5' is not a number; write 0.5 for one number"),
    ("best>50%", "'50%' is not a number; write a share, such as 0.5 for 50 %; expected a number"),
    ("settings.epochz>3", "unknown field 'epochz'; expected one of"),
    ("settings.epochz>3", "did you mean 'epoch'?"),
    ("epochz>3", "unknown field 'epochz'; expected name, "),
    ("größe>3", "unknown field 'größe'; expected name, "),
    ("created>2026-11-01", "'2026-11-01' is not a number; expected a time in Unix seconds"),
    ("best>high", "'high' is not a number; expected a number"),
    ("settings.seed=1_5", "write a number without it"),
]


@pytest.mark.parametrize(("text", "says"), SILENT)
def test_a_comparison_that_could_match_nothing_says_which_part_and_what_would(
    api: httpx.Client, text: str, says: str
) -> None:
    for path in ("/runs", "/runs/index"):
        (error,) = api.get(path, params={"where": text}).json()["errors"]
        assert error["field"] == "where"
        assert says in error["message"]


@pytest.mark.parametrize(
    "text", ["settings.alpha > 0.5", "settings.alpha>=.5", "settings.compile=no", "name=007"]
)
def test_a_comparison_is_read_by_the_declared_type(api: httpx.Client, text: str) -> None:
    api.post("/runs", json={"name": "007", "alpha": 0.9, "tags": ["typed"]}).raise_for_status()
    assert api.get("/runs", params={"where": text, "tag": "typed"}).json()["total"] >= 1


def test_names_of_older_stores_are_searched_for_too(store: Store) -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(name="ALT"), {})
        set_back(db, "0004")
    store.open()
    with store.reading() as db:
        assert index.index(db, Filters(q="alt"), "created").runs == [run]


def test_the_python_client_and_the_command_line_filter_in_the_same_words(served: Served) -> None:
    with Client(served.url) as client:
        client.launch({"name": "Ünlü", "alpha": 0.25, "tags": ["cli"]})
        assert client.runs(q="ÜNLÜ", where=["settings.alpha>=0.25", "name=Ünlü"], tag="cli").total == 1
        with pytest.raises(InvalidInput, match="epochz>3: unknown field 'epochz'"):
            client.runs(where=["settings.epochz>3"])
