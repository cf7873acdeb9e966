"""The page's own arithmetic, in a browser: nothing doubled, nothing lost, no spike smoothed away."""

import base64
import math
import random

import numpy as np
import pytest
from blocks import FROM_BASE64, block, rows, sent
from playwright.sync_api import Page

from rhoscope.records import Block


def test_a_block_reads_back_as_it_was_written(bare: Page) -> None:
    values = np.array([[0.1, math.nan, 3e38], [1, -math.inf, 5e-324]], np.float32)
    written = Block.make("run-ä", 3, ["rho.audio", "k"], np.array([5, 6, 9], np.int32), values, (1.5, 2.5))
    read = bare.evaluate(
        f"""(text) => {{ const b = rhoscope.decode(({FROM_BASE64})(text));
          return [b.run, b.attempt, b.names, [...b.steps], b.columns.map((c) => [...c].map(String))]; }}""",
        sent(written),
    )
    assert read[:4] == ["run-ä", 3, ["rho.audio", "k"], [5, 6, 9]]
    back = [[np.float32(v.replace("Infinity", "inf")) for v in column] for column in read[4]]
    np.testing.assert_array_equal(np.array(back), values)


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_block_is_refused(bare: Page, damage: str) -> None:
    data = block(1, [0, 1]).encode()
    broken = data[:-4] if damage == "cut" else b"XX" + data[2:]
    said = bare.evaluate(
        f"""(text) => {{ try {{ rhoscope.decode(({FROM_BASE64})(text)); return ''; }}
          catch (e) {{ return e.message; }} }}""",
        base64.b64encode(broken).decode(),
    )
    assert "block" in said.lower()


def test_a_step_that_comes_twice_counts_once(bare: Page) -> None:
    stats = rows(bare, block(1, [0, 1, 2]), block(1, [1, 2, 3]), block(1, [0, 1]), then="r.stats")
    assert (stats["rows"], stats["duplicates"], stats["missing"], stats["last"]) == (4, 4, 0, 3)


def test_a_later_attempt_replaces_what_an_earlier_one_wrote_from_its_first_step_on(bare: Page) -> None:
    first, second = block(1, [0, 1, 2, 3], [1] * 4), block(2, [2, 3, 4], [9] * 3)
    script = "[0, 1, 2, 3, 4].map((s) => r.series.get('loss').at(s).mean)"
    assert rows(bare, first, second, then=script) == [1, 1, 9, 9, 9]


def test_an_attempt_that_was_given_up_no_longer_writes(bare: Page) -> None:
    late = rows(bare, block(1, [0, 1]), block(2, [1, 2]), block(1, [2, 3, 4]), then="r.last")
    assert late == 2


def test_a_hole_after_a_new_connection_is_read_from_the_store(bare: Page) -> None:
    assert rows(bare, block(1, [7, 8]), then="asked") == [[0, 6]]


def test_a_hole_in_the_middle_is_counted_as_missing(bare: Page) -> None:
    stats = rows(bare, block(1, [0, 1]), block(1, [4, 5, 7]), then="r.stats")
    assert stats["missing"] == 3


def test_a_one_step_spike_survives_any_number_of_foldings(bare: Page) -> None:
    for seed in range(20):
        dice = random.Random(seed)
        n, spike = dice.randint(100, 5000), dice.uniform(50, 60)
        at = dice.randrange(n)
        found = bare.evaluate(
            """([n, at, spike]) => { const b = new rhoscope.Bins(64);
              for (let i = 0; i < n; i++) b.add(i, i === at ? spike : Math.sin(i));
              const top = b.at(at);
              const total = b.count.reduce((sum, c) => sum + c, 0);
              return [top.high, top.from <= at && at <= top.to, total, b.used <= 64]; }""",
            [n, at, spike],
        )
        assert found == [pytest.approx(spike), True, n, True]


def test_values_that_are_not_finite_are_kept_apart_and_never_drawn(bare: Page) -> None:
    odd = rows(
        bare,
        block(1, [0, 1, 2], [1, math.nan, math.inf]),
        then="((l) => [l.odd.map((o) => o.step), l.at(0).high, l.last().mean])(r.series.get('loss'))",
    )
    assert odd[:2] == [[1, 2], 1]
    assert math.isnan(odd[2]), "the newest value is what it is, not the last good one"


def test_smoothing_does_not_lag_and_does_not_reach_across_a_change(bare: Page) -> None:
    """A ramp stays where it is in its middle; a step at a change stays sharp."""
    ramp, jump = bare.evaluate(
        """() => { const ramp = new rhoscope.Bins(), jump = new rhoscope.Bins();
          for (let i = 0; i <= 200; i++) { ramp.add(i, i); jump.add(i, i < 100 ? 0 : 1); }
          const grid = rhoscope.slots(0, 200, 1);
          const smooth = (bins, breaks) => rhoscope.smooth(bins, grid, 10, false, breaks);
          return [smooth(ramp, [])[100], smooth(jump, [100])]; }"""
    )
    assert ramp == pytest.approx(100, abs=1e-6)
    assert jump[95:105] == pytest.approx([0.0] * 5 + [1.0] * 5)


def test_what_is_drawn_keeps_the_smallest_and_the_largest_value_of_every_bin(bare: Page) -> None:
    drawn = bare.evaluate(
        """() => { const b = new rhoscope.Bins(4096);
          for (let i = 0; i < 4000; i++) b.add(i, i === 1234 ? 99 : i === 2345 ? -99 : 0);
          const w = rhoscope.binWidth(0, 3999, 500, b.width);
          const grid = rhoscope.slots(0, 3999, w);
          const y = rhoscope.fill(b, grid, false).filter((v) => v !== null);
          return [w, Math.max(...y), Math.min(...y), y.length]; }"""
    )
    assert drawn[0] == 8
    assert drawn[1:3] == [99, -99]
    assert drawn[3] <= 2 * 500 + 4


def test_numbers_are_written_so_that_they_can_be_read(bare: Page) -> None:
    said = bare.evaluate(
        "() => [0, 0.00012345, 1234567, 3.14159, -2, NaN, Infinity, null].map(rhoscope.number)"
    )
    assert said == ["0", "1.23e−4", "1.23e6", "3.142", "−2", "NaN", "∞", "–"]
