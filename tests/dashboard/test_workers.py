"""The workers' page: who trains what, the queue's order, draining."""

from collections.abc import Callable, Iterator

import pytest
from instrument import Instrument, wait_for
from playwright.sync_api import Page, expect

from rhoscope.states import FINAL, RunState

SLOW = {"dataset": "synthetic", "train_size": 368, "batch_size": 16, "epochs": 400, "step_delay_ms": 40}
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
def runs(instrument: Instrument) -> Iterator[list[str]]:
    """One that trains, and three that wait."""
    made = [instrument.client.launch(SLOW | {"name": f"run {n}"}).id for n in range(4)]
    instrument.until_step(made[0], 3)
    yield made
    for run in reversed(made):  # those that wait first, so that none of them starts
        if instrument.client.run(run).state not in FINAL:
            instrument.end(run)


@pytest.fixture
def page(fresh: Callable[[int, int], Page], instrument: Instrument) -> Page:
    page = fresh(1280, 900)
    page.goto(f"{instrument.url}/workers")
    return page


def test_it_shows_who_trains_and_who_waits_in_which_order(runs: list[str], page: Page) -> None:
    worker = page.locator("#workers-list tbody tr")
    expect(worker.locator(".run-link")).to_have_text("run 0")
    expect(worker).to_contain_text("GiB")
    waiting = page.locator("#queue-list tbody .run-link")
    expect(waiting).to_have_text(["run 1", "run 2", "run 3"])
    page.locator(f"tr[data-run='{runs[3]}']").get_by_role("button", name="First").click()
    expect(waiting).to_have_text(["run 3", "run 1", "run 2"])
    page.locator(f"tr[data-run='{runs[1]}']").get_by_role("button", name="Cancel").click()
    expect(waiting).to_have_text(["run 3", "run 2"])


def test_the_next_run_is_the_first_in_the_queue(instrument: Instrument, runs: list[str], page: Page) -> None:
    page.locator(f"tr[data-run='{runs[2]}']").get_by_role("button", name="First").click()
    expect(page.locator("#queue-list tbody .run-link").first).to_have_text("run 2")
    instrument.client.stop(runs[0])
    instrument.until_step(runs[2], 1)
    assert instrument.client.run(runs[1]).state == RunState.QUEUED


def test_a_draining_worker_finishes_its_run_and_takes_no_other(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    drain = page.locator("[data-action='drain']")
    drain.click()
    expect(drain).to_have_text("Resume")
    wait_for(lambda: instrument.client.workers()[0].draining, 20, "the worker's own word")
    assert instrument.client.run(runs[0]).state == RunState.RUNNING
    instrument.client.stop(runs[0])
    instrument.until(runs[0])
    wait_for(lambda: not instrument.programs("trainer.worker --listen"), 30, "its listening process to end")
    assert instrument.client.run(runs[1]).state == RunState.QUEUED
    drain.click()
    instrument.until_step(runs[1], 1)


def test_a_refusal_stays_and_many_clicks_ask_no_faster(
    instrument: Instrument, runs: list[str], page: Page
) -> None:
    row = page.locator(f"tr[data-run='{runs[3]}']")
    expect(row).to_be_visible()
    page.route("**/api/v1/runs/*/stop", lambda route: route.fulfill(status=409, json={"detail": "Not now."}))
    cancel = row.get_by_role("button", name="Cancel")
    for _ in range(4):
        cancel.click(delay=0, no_wait_after=True)
    banner = page.locator("#banner")
    expect(banner).to_have_text("Not now.")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.wait_for_timeout(5000)
    expect(banner).to_have_text("Not now.")
    assert len([url for url in requests if url.endswith("/api/v1/workers")]) <= 3
