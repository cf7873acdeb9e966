"""What the page says of a step: the value that holds there, whatever was told, lost or told again."""

from pathlib import Path
from typing import Any

import pytest
from blocks import block, rows
from playwright.sync_api import Page

ASSETS = Path(__file__).parents[2] / "dashboard" / "assets"
NOISY = "Array.from({ length: 4000 }, (_, i) => (i === 1234 ? 50 : i === 3210 ? -50 : Math.sin(i)))"


@pytest.fixture(scope="module")
def balance(bare: Page) -> Page:
    for name in ("00-words", "38-balance"):
        bare.add_script_tag(path=ASSETS / f"{name}.js")
    return bare


@pytest.fixture(scope="module")
def history(bare: Page) -> Page:
    for name in ("05-address", "65-history"):
        bare.add_script_tag(path=ASSETS / f"{name}.js")
    return bare


def test_between_told_steps_the_last_told_value_holds(bare: Page) -> None:
    """With `log_every` nine of ten steps are not told; behind the newest nothing is known."""
    told = block(1, [0, 10, 20], [1, 2, 3])
    script = "[0, 5, 10, 19, 20, 21].map((s) => r.series.get('loss').at(s)?.mean ?? null)"
    assert rows(bare, told, then=script) == [1, 1, 2, 2, 3, None]


def test_who_has_lost_their_number_leads_nobody(balance: Page) -> None:
    said = balance.evaluate(
        """() => { const b = new rhoscope.Bins(); b.add(0, NaN); b.add(1, NaN);
          const at = rhoscope.recent(b, null);
          const lead = rhoscope.lead([{ name: "audio", ratio: at.mean }, { name: "visual", ratio: 2 }]);
          return [at.step, String(at.mean), lead.name, lead.words]; }"""
    )
    assert said == [1, "NaN", "", "rho of audio is NaN"]


def test_what_was_measured_before_the_step_of_a_new_attempt_stays(bare: Page) -> None:
    """As in the store: a value at step s was measured before row s was taken."""
    kept = bare.evaluate(
        """() => { const r = new rhoscope.Record('r', () => null);
          const told = (attempt, step) =>
            r.event({ kind: 'values', attempt, step, data: { values: { 'val.loss': step } } });
          r.event({ kind: 'started', attempt: 1, step: 0, data: { start_step: 0 } });
          [10, 20, 30].forEach((step) => told(1, step));
          r.event({ kind: 'started', attempt: 2, step: 20, data: { start_step: 20 } });
          return r.series.get('val.loss').steps; }"""
    )
    assert kept == [10, 20]


@pytest.mark.parametrize("width", [64, 300])
def test_sparse_series_keep_their_spikes_however_narrow_they_are_drawn(bare: Page, width: int) -> None:
    drawn = bare.evaluate(
        f"""(width) => {{ const points = new rhoscope.Points(); {NOISY}.forEach((v, i) => points.add(i, v));
          const grid = rhoscope.slots(0, 3999, rhoscope.binWidth(0, 3999, width, 1));
          const y = rhoscope.fill(points, grid, false).filter((v) => v !== null);
          return [Math.max(...y), Math.min(...y), y.length <= grid.x.length]; }}""",
        width,
    )
    assert drawn == [50, -50, True]


def test_a_sparse_series_that_grows_for_ever_keeps_extremes_and_the_newest(bare: Page) -> None:
    held = bare.evaluate(
        f"""() => {{ const points = new rhoscope.Points(100); {NOISY}.forEach((v, i) => points.add(i, v));
          const {{ steps, values }} = points;
          return [steps.length, Math.max(...values), Math.min(...values), points.last().to]; }}"""
    )
    assert held[0] <= 100
    assert held[1:] == [50, -50, 3999]


def test_a_fork_that_waits_knows_which_of_its_ancestors_series_are_sparse(bare: Page) -> None:
    """Else its first row, at the very step of the fork, would count as one that came twice."""
    found = bare.evaluate(
        """() => { const r = new rhoscope.Record('r', () => null);
          r.run = { series: [] };
          r.inherited = [{ name: 'val.loss', sparse: true }, { name: 'loss', sparse: false }];
          const loss = { name: 'loss', steps: [0, 1], values: [1, 2] };
          r.history([loss, { name: 'val.loss', steps: [2], values: [3] }], true);
          return [r.last, r.series.get('val.loss') instanceof rhoscope.Points]; }"""
    )
    assert found == [1, True]


def test_rows_that_come_while_detail_is_read_are_in_it(history: Page) -> None:
    seen: list[Any] = rows(
        history,
        block(1, [0, 1, 2]),
        then="""(() => { r.heard = [];
          const columns = [Float32Array.of(2, 77, 4)];
          r.rows({ attempt: 1, names: ['loss'], steps: Int32Array.of(2, 3, 4), columns });
          const detail = { start: 0, end: 3, width: 1, series: new Map([['loss', new rhoscope.Bins(8)]]) };
          rhoscope.joined(detail, r.heard);
          const bins = detail.series.get('loss');
          return [r.heard.length, bins.at(3)?.mean ?? null, bins.at(4)?.mean ?? null]; })()""",
    )
    assert seen == [1, 77, None]


def test_room_for_a_stored_curve_is_made_at_once(bare: Page) -> None:
    found = bare.evaluate(
        """() => { const steps = Array.from({ length: 200 }, (_, i) => 5000 * i);
          const [one, other] = [new rhoscope.Bins(64), new rhoscope.Bins(64)];
          other.expect(steps.at(-1));
          const width = other.width;
          for (const step of steps) for (const bins of [one, other]) bins.add(step, Math.cos(step));
          const all = (b) => [b.width, b.used, ...b.low.slice(0, b.used), ...b.high.slice(0, b.used)];
          return [width === other.width, JSON.stringify(all(one)) === JSON.stringify(all(other))]; }"""
    )
    assert found == [True, True]
