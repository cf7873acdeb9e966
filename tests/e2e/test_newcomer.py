"""What a newcomer does on the first day, with everything real: processes, server, browser."""

import csv
import json
import re
import signal
import socket
from pathlib import Path

import psutil
import pytest
from instrument import Instrument
from playwright.sync_api import Page, expect

from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def watched_runs(page: Page) -> list[str]:
    """Ids of the runs the page shows."""
    page.wait_for_url(re.compile(r"/watch\?runs="))
    return re.split(r"[,&]", page.url.split("runs=")[1].replace("%2C", ","))


def drawn_steps(page: Page, run: str) -> int:
    """How many rows of a run the page holds."""
    stats = page.evaluate("() => window.rhoscope.stats")
    return int(stats["runs"].get(run, {}).get("rows", 0))


def test_one_click_launches_and_the_curves_arrive_while_it_trains(instrument: Instrument, page: Page) -> None:
    page.goto(f"{instrument.url}/?set=epochs:4")  # the click is the same, and the curves are as well
    expect(page.locator("#setting-alpha")).to_have_value("1.5")
    expect(page.locator("#setting-seed")).to_have_value("0")
    page.locator("#launch").click()
    (run,) = watched_runs(page)
    for chart in ("rho", "k", "grad_norm", "noise", "loss", "accuracy"):
        expect(page.locator(f'[data-chart="{chart}"] canvas').first).to_be_visible()
    page.wait_for_function("(run) => (window.rhoscope.stats.runs[run]?.rows ?? 0) > 20", arg=run)
    assert instrument.client.run(run).state in {RunState.RUNNING, RunState.COMPLETED}
    done = instrument.until(run, timeout_s=180)
    assert done.state is RunState.COMPLETED
    assert instrument.steps(run) == list(range(done.step))
    page.wait_for_function(
        "([run, n]) => (window.rhoscope.stats.runs[run]?.last ?? -1) >= n - 1", arg=[run, done.step]
    )


def test_several_alphas_in_one_go_are_overlaid_and_one_is_stopped_from_the_page(
    instrument: Instrument, page: Page
) -> None:
    page.goto(instrument.url)
    page.locator("#setting-alpha").fill("0.1, 0.8, 1.5")
    page.locator("#launch").click()
    runs = watched_runs(page)
    assert len(runs) == 3
    for run in runs:
        expect(page.locator(f'[data-run="{run}"]').first).to_be_visible()
    request = {instrument.client.run(run).settings["alpha"] for run in runs}
    assert request == {0.1, 0.8, 1.5}
    last = max(runs, key=lambda run: instrument.client.run(run).created)
    for run in runs:
        if run != last:
            instrument.client.stop(run)
    instrument.until_step(last, 1, timeout_s=90)
    page.locator(f'[data-run="{last}"] [data-action="stop"]').click()
    stopped = instrument.until(last, timeout_s=60)
    assert stopped.state is RunState.STOPPED
    assert 0 < stopped.step < (stopped.total_steps or 0)


def test_after_a_restart_runs_and_curves_are_still_there(instrument: Instrument, page: Page) -> None:
    before = {run.id: instrument.steps(run.id) for run in instrument.client.runs().runs if run.step}
    assert before
    assert instrument.stop() == 0
    assert instrument.left_behind() == []
    instrument.start()
    assert {run: instrument.steps(run) for run in before} == before
    run, steps = max(before.items(), key=lambda item: len(item[1]))
    page.goto(f"{instrument.url}/watch?runs={run}")
    page.wait_for_function(
        "([run, n]) => (window.rhoscope.stats.runs[run]?.last ?? -1) >= n", arg=[run, steps[-1]]
    )


def test_the_same_without_a_browser(instrument: Instrument) -> None:
    launched = instrument.cli("launch", "--set", "alpha=0.8", "--set", "epochs=2")
    assert launched.returncode == 0, launched.stderr
    run = launched.stdout.strip()
    watched = instrument.cli("watch", run)
    assert watched.returncode == 0, watched.stderr
    assert "completed" in watched.stdout
    assert "rho.audio" in watched.stdout
    listed = [json.loads(line) for line in instrument.cli("runs", "--json").stdout.splitlines()]
    assert run in {r["id"] for r in listed}
    long = instrument.cli("launch", "--set", "epochs=500", "--set", "step_delay_ms=20").stdout.strip()
    instrument.until_step(long, 1)
    assert instrument.cli("stop", long).returncode == 0
    assert instrument.until(long).state is RunState.STOPPED
    again = instrument.cli("stop", long)
    assert again.returncode == 2
    assert "stopped" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_knob_turned_on_a_running_run_is_felt_and_recorded(instrument: Instrument) -> None:
    run = instrument.cli("launch", "--set", "epochs=500", "--set", "step_delay_ms=20").stdout.strip()
    instrument.until_step(run, 1)
    assert instrument.cli("set", run, "alpha=0.3").returncode == 0
    instrument.until_step(run, instrument.client.run(run).step + 50)
    change = [e for e in instrument.client.events(run) if e.kind == "setting"]
    assert [(e.data["setting"], e.data["old"], e.data["new"]) for e in change] == [("alpha", 1.5, 0.3)]
    assert instrument.client.run(run).settings["alpha"] == 0.3
    refused = instrument.cli("set", run, "batch_size=8")
    assert refused.returncode == 2
    assert "alpha" in refused.stderr
    instrument.cli("stop", run)


def test_export_writes_every_step(instrument: Instrument, tmp_path: Path) -> None:
    run = next(r for r in instrument.client.runs().runs if r.state is RunState.COMPLETED)
    file = tmp_path / "run.csv"
    assert instrument.cli("export", run.id, "--out", str(file)).returncode == 0
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    steps = [int(row["step"]) for row in rows if row["loss"]]
    assert steps == instrument.steps(run.id)
    assert all(float(row["rho.audio"]) > 0 for row in rows if row["loss"])


def test_a_run_that_diverges_fails_with_that_reason_and_keeps_its_curves(instrument: Instrument) -> None:
    run = instrument.client.launch({"strategy": "joint", "lr": 100, "weight_decay": 1}).id
    failed = instrument.until(run, timeout_s=120)
    assert failed.state is RunState.FAILED
    assert "loss" in failed.reason
    assert len(instrument.steps(run)) > 0


def test_training_in_a_terminal_needs_no_server(tmp_path: Path) -> None:
    alone = Instrument(tmp_path, RHOSCOPE_API_URL="http://127.0.0.1:9", RHOSCOPE_DATA_DIR=str(tmp_path))
    done = alone.cli("train", "--set", "epochs=2", "--set", "alpha=0.8")
    assert done.returncode == 0, done.stderr
    assert "val.accuracy" in done.stdout
    refused = alone.cli("train", "--set", "alpha=-1")
    assert refused.returncode == 2
    assert "alpha" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("option", ["--port", "--api-port"])
def test_a_taken_port_is_one_sentence(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = Instrument(tmp_path).cli("up", option, port, "--data-dir", str(tmp_path))
    assert refused.returncode == 2
    assert f"Port {port}" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 2


def test_a_killed_instrument_leaves_no_process_behind(tmp_path: Path) -> None:
    """Its Redis ends as well; that programs of ours end that are no copies is seen where the clock jumps."""
    house = Instrument(tmp_path, HTTP_PROXY="http://127.0.0.1:9")  # which our own programs pass by
    house.start()
    run = house.cli("launch", "--set", "epochs=500", "--set", "step_delay_ms=20").stdout.strip()
    house.until_step(run, 1)
    house.stop(signal.SIGKILL)
    psutil.wait_procs(house.family, timeout=30)
    assert house.left_behind() == []
