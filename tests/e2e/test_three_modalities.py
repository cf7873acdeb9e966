"""Three modalities from the launch to the page: nothing in the product counts on two."""

import pytest
from instrument import Instrument
from playwright.sync_api import Page, expect

from rhoscope.errors import InvalidInput
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
M = ("fast", "slow", "slow2")
SPEC = {
    "dataset": "synthetic",
    "modalities": 3,
    "train_size": 256,
    "epochs": 3,
    "probe_every": 1,
    "baseline_epochs": 2,
    "noise_budget_every": 5,
}


def read(instrument: Instrument, run: str, names: list[str]) -> dict[str, list[float]]:
    answer = instrument.client.series(run, names)
    return {one.name: [float(value) for value in one.values] for one in answer.series}


def test_every_modality_has_its_curves_in_the_store_and_on_the_page(
    instrument: Instrument, page: Page
) -> None:
    run = instrument.client.launch(SPEC)
    done = instrument.until(run.id, timeout_s=120)
    assert (done.state, done.modalities) == (RunState.COMPLETED, list(M))
    names = [s.name for s in done.series]
    curves = read(instrument, run.id, names)
    for stem in ("rho", "k", "noise", "grad_norm", "effective_step", "alone", "shortfall", "probe.accuracy"):
        for m in M:
            assert len(curves[f"{stem}.{m}"]) > 0, f"{stem}.{m}"
    page.goto(f"{instrument.url}/watch?runs={run.id}")
    legend = page.locator("[data-chart='rho'] .legend")
    for m in M:
        expect(legend).to_contain_text(m)
    for chart in ("shortfall", "sgd_noise", "noise"):
        expect(page.locator(f"[data-chart='{chart}']")).to_have_count(1)


def test_one_of_three_is_braked_against_the_mean_of_the_others(instrument: Instrument) -> None:
    run = instrument.client.launch(SPEC | {"strategy": "ogm", "epochs": 2})
    instrument.until(run.id, timeout_s=120)
    curves = read(instrument, run.id, [*(f"score.{m}" for m in M), "rho.fast"])
    score = {m: curves[f"score.{m}"] for m in M}
    expected = [
        (score["fast"][n] / score["slow"][n] + score["fast"][n] / score["slow2"][n]) / 2
        for n in range(len(score["fast"]))
    ]
    assert curves["rho.fast"] == pytest.approx(expected, rel=1e-4)


def test_a_modality_alone_is_a_run_like_any_other(instrument: Instrument) -> None:
    run = instrument.client.launch({"dataset": "synthetic", "train_size": 256, "epochs": 1, "only": "slow"})
    assert instrument.until(run.id).modalities == ["slow"]
    with pytest.raises(InvalidInput, match="smell"):
        instrument.client.launch({"only": "smell"})
