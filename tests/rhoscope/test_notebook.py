"""Curves and runs as tables, and the page's charts as figures: every number is the recorded one."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from instrument import wait_for
from redis import Redis
from served import Attempt, Served, serving

from rhoscope import charts, figures, palette
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, NotFound, Unavailable
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.optional_libraries import library
from rhoscope.records import Event
from trainer.plugins import describe

STEPS = 100
DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "notebook.md"
NAMES = ["rho.audio", "rho.visual", "score.audio", "score.visual", "loss"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = Environment(data_dir=tmp_path_factory.mktemp("notebook"), lease_s=5.0)
    server = embedded.start(environment)
    with serving(environment, describe()) as served:
        yield served
    end(server)


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


@pytest.fixture(scope="module")
def runs(served: Served, client: Client) -> list[str]:
    """Two ended runs that differ by alpha and seed."""
    with Redis.from_url(served.application.environment.broker_url) as redis:
        return [_train(redis, client, place) for place in range(2)]


def _train(redis: Redis, client: Client, place: int) -> str:
    run = client.launch({"alpha": 0.5 + place, "seed": place, "name": f"run {place}"}).id
    attempt = Attempt(redis, run, names=NAMES)
    attempt.take()
    declared = {s.name: s for p in describe().plugins for s in p.series}
    shown = [
        one.model_dump()
        for name in ("rho.{m}", "score.{m}", "loss", "val.accuracy")
        for one in declared[name].expand(("audio", "visual"))
    ]
    attempt.tell(
        "started", 0, start_step=0, total_steps=STEPS, epochs=1, series=shown, modalities=["audio", "visual"]
    )
    values = np.add.outer(np.arange(1, 6), np.arange(STEPS)).astype(np.float32) + place
    values[4, 7] = np.nan
    attempt.rows(range(STEPS), values)
    attempt.tell("setting", 40, setting="alpha", old=0.5, new=0.25, who="me")
    attempt.tell("values", STEPS, values={"val.accuracy": 0.5 + place / 10})
    attempt.finish(STEPS)
    wait_for(lambda: client.run(run).state == "completed", 20, "the end")
    return run


def test_a_frame_is_every_recorded_number(client: Client, runs: list[str]) -> None:
    frame = client.frame(runs[0])
    assert frame.index.name == "step"
    assert list(frame.loc[: STEPS - 1, "rho.audio"]) == [1.0 + step for step in range(STEPS)]
    assert np.isnan(frame.loc[7, "loss"])
    assert frame["val.accuracy"].dropna().to_dict() == {STEPS: 0.5}
    assert str(frame["time"].dt.tz) == "UTC"
    part = client.frame(runs[0], ["loss"], start=10, end=19)
    assert (list(part.index), list(part.columns)) == (list(range(10, 20)), ["time", "loss"])
    assert client.frame(runs[0], ["loss"], start=5_000).empty


def test_a_table_tells_missing_from_nan(client: Client, runs: list[str]) -> None:
    table = client.arrow(runs[0], ["loss", "val.accuracy"])
    loss = table.column("loss").to_pylist()
    assert np.isnan(loss[7])
    assert loss[STEPS] is None
    assert table.column("val.accuracy").null_count == STEPS


def test_a_thinned_frame_keeps_its_ends(client: Client, runs: list[str]) -> None:
    thin = client.frame(runs[0], ["rho.audio", "val.accuracy"], points=20)
    assert len(thin["rho.audio"].dropna()) <= 20
    assert (thin.index[0], thin.loc[STEPS - 1, "rho.audio"]) == (0, float(STEPS))
    assert thin.loc[STEPS, "val.accuracy"] == 0.5


def test_runs_become_rows_with_settings_and_numbers(client: Client, runs: list[str]) -> None:
    frame = client.runs_frame()
    assert list(frame.loc[runs, "alpha"]) == [0.25, 0.25]  # in force: both were changed
    assert list(frame.loc[runs, "seed"]) == [0, 1]
    assert list(frame.loc[runs, "device"]) == [client.run(run).device for run in runs]
    assert "auto" not in set(frame["device"])
    assert list(frame.loc[runs, "best.val.accuracy"]) == [0.5, 0.6]
    assert list(frame.loc[runs, "last.rho.audio"]) == [100.0, 101.0]
    assert (frame.loc[runs[0], "strategy"], str(frame["created"].dt.tz)) == ("ogm-ge", "UTC")
    assert client.runs_frame(q="no run is called so").empty


def test_one_run_is_drawn_in_its_modalities_colors_with_marks_and_reference(
    client: Client, runs: list[str]
) -> None:
    figure = figures.chart(client, runs[0], "rho")
    assert [trace.name for trace in figure.data] == ["audio", "visual"]
    assert [t.line.color for t in figure.data] == [palette.LIGHT["modality-0"], palette.LIGHT["modality-1"]]
    assert list(figure.data[1].y) == [2.0 + step for step in range(STEPS)]
    assert figure.layout.yaxis.type == "log"
    assert sorted(shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1) == [40]
    assert [shape.y0 for shape in figure.layout.shapes if shape.y0 == shape.y1] == [1.0]
    assert [a.text for a in figure.layout.annotations] == ["alpha 0.5 → 0.25"]


def test_several_runs_are_drawn_in_their_own_colors_and_modalities_in_dashes(
    client: Client, runs: list[str]
) -> None:
    figure = figures.chart(client, runs, "rho", dark=True)
    assert [(t.name, t.line.color, t.line.dash) for t in figure.data] == [
        ("run 0 · audio", palette.DARK["run-0"], "solid"),
        ("run 0 · visual", palette.DARK["run-0"], "6px,4px"),
        ("run 1 · audio", palette.DARK["run-1"], "solid"),
        ("run 1 · visual", palette.DARK["run-1"], "6px,4px"),
    ]
    assert len(figures.chart(client, runs, "rho", focus="visual").data) == 2


def test_all_charts_come_in_the_pages_order(client: Client, runs: list[str]) -> None:
    assert list(figures.every(client, runs)) == ["rho", "loss", "accuracy", "score"]


def test_the_phase_plot_has_a_dot_a_step(client: Client, runs: list[str]) -> None:
    figure = figures.phase(client, runs[0])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("audio", "visual")
    assert list(zip(figure.data[0].x, figure.data[0].y, strict=True))[:2] == [(3.0, 4.0), (4.0, 5.0)]
    few = figures.phase(client, runs[0], points=30).data[0]
    assert list(zip(few.x, few.y, strict=True)) == [(3.0 + s, 4.0 + s) for s in range(0, STEPS, 4)]
    with pytest.raises(InvalidInput, match="loss"):
        figures.phase(client, runs[0], "loss")


def test_bands_are_mean_and_deviation_of_a_group(client: Client, runs: list[str]) -> None:
    band, line = figures.bands(client, "rho.audio", runs, by="strategy").data
    assert line.name == "strategy=ogm-ge"
    assert line.y[0] == pytest.approx(1.5)
    assert band.y[0] == pytest.approx(1.5 + 0.5**0.5)
    assert band.fill == "toself"


def test_bands_are_drawn_of_what_only_a_later_run_has(client: Client, runs: list[str]) -> None:
    waiting = client.launch({"name": "waiting"}).id
    assert figures.bands(client, "rho.audio", [waiting, runs[0]], by="seed").data
    with pytest.raises(InvalidInput, match="available series: none"):
        figures.bands(client, "rho.audio", [waiting])
    client.stop(waiting)
    wait_for(lambda: client.run(waiting).finished, 20, "its end")
    client.delete(waiting)


def test_what_there_is_not_is_said_with_what_there_is(client: Client, runs: list[str]) -> None:
    with pytest.raises(InvalidInput, match="available charts: rho, loss, accuracy, score"):
        figures.chart(client, runs, "roh")
    with pytest.raises(NotFound):
        client.frame("no-such")


def test_a_missing_library_is_named_with_how_to_get_it() -> None:
    with pytest.raises(Unavailable, match=r"pip install 'rhoscope\[notebook\]'"):
        library("no_library_of_this_name")


def test_importing_rhoscope_loads_no_library_of_notebooks() -> None:
    code = "import sys, rhoscope, rhoscope.figures; print({'pandas', 'pyarrow', 'plotly'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_attempts_after_a_loss_replace_the_marks_behind_them() -> None:
    def event(kind: str, step: int, attempt: int = 1, **data: object) -> Event:
        return Event.model_validate(
            {"run": "r", "attempt": attempt, "kind": kind, "step": step, "time": 0, "data": data}
        )

    answer = [
        event("started", 0, start_step=0),
        event("setting", 5, setting="alpha", old=1, new=2),
        event("setting", 30, setting="alpha", old=2, new=3),
        event("lost", 40),
        event("started", 20, attempt=2, start_step=20),
    ]
    assert [(m.step, m.text) for m in charts.marks(answer)] == [(5, "alpha 1 → 2"), (20, "resumed")]


def test_the_document_runs_as_it_stands(
    client: Client, runs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL))
    known: dict[str, Any] = {}
    exec(code.replace("http://127.0.0.1:8000", client.url), known)
    known["client"].close()
    assert len(known["rho"]) == 31
    assert "run 0" in (tmp_path / "report.html").read_text()
