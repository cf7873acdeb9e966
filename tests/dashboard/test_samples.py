"""Examples on the Watch page: which are dominated, how they look, and what a reader can ask of them."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from instrument import Instrument
from playwright.sync_api import Page, expect
from trained import trained

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SPEC = {"epochs": 3, "dataset": "synthetic", "modalities": 3, "train_size": 320, "batch_size": 16}
SPEC |= {"hidden": 32}


@pytest.fixture
def page(fresh: Callable[[int, int], Page]) -> Page:
    return fresh(1280, 900)


def test_a_dominated_example_is_found_seen_and_followed_back(instrument: Instrument, page: Page) -> None:
    """Of three modalities a pair is chosen; a quadrant, a class, and a column narrow the table down."""
    (run,) = trained(instrument, SPEC)
    newest = instrument.client.samples(run.id)
    assert newest.samples is not None
    page.goto(f"{instrument.url}/watch?runs={run.id}&open=samples")
    fold, rows = page.locator("#watch-samples-group"), page.locator(".samples-table tbody tr")
    expect(rows).to_have_count(len(newest.samples.names))
    expect(fold.locator("output")).to_have_text("step 60, epoch 2")
    expect(page.locator(".samples-dot")).to_have_count(len(newest.samples.names))
    fold.get_by_label("Modality upward").select_option("slow2")
    pair = (newest.samples.alone["fast"], newest.samples.alone["slow2"])
    only = [(a, b) for a, b in zip(*pair, strict=True) if a and b and a > 0.5 >= b]
    button = fold.get_by_role("button", name="only fast knows")
    expect(button).to_contain_text(f"only fast knows: {len(only)}")
    assert 0 < len(only) < 200
    button.click()
    expect(rows).to_have_count(len(only))
    button.click()
    fold.get_by_label("Class", exact=True).select_option("3")
    expect(rows).to_have_count(newest.samples.labels.count("3"))
    together = [p for p, c in zip(newest.samples.together, newest.samples.labels, strict=True) if c == "3"]
    fold.get_by_role("button", name="together", exact=True).click()
    expect(rows.first).to_contain_text(f"{100 * min(p for p in together if p is not None):.1f} %")
    fold.locator(".samples-open").first.click()
    pictures = fold.locator(".samples-viewer img")
    expect(pictures).to_have_count(3)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.samples-viewer img')].every((one) => one.naturalWidth === 8)"
    )
    expect(fold.locator(".samples-over-time figcaption")).to_contain_text("to step 60")
    fold.get_by_label("Validation", exact=True).fill("0")
    expect(fold.locator("output")).to_have_text("step 20, epoch 0")
    first = instrument.client.samples(run.id, 20)
    assert first.samples is not None
    least = min(
        p for p, c in zip(first.samples.together, first.samples.labels, strict=True) if c == "3" and p
    )
    expect(rows.first).to_contain_text(f"{100 * least:.1f} %")
    result = Axe().run(page, context="#watch-samples-group").response["violations"]
    assert [one["id"] for one in result] == []
