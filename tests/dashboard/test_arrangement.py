"""The watch page's pure parts: arrangements, the window on the steps, files, colours, what is never lost."""

import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

ASSETS = Path(__file__).parents[2] / "dashboard" / "assets"
MORE = ("05-address", "32-colours", "35-strokes", "38-menu", "39-board", "43-svg", "44-download")
MORE += ("66-window", "67-painter")


@pytest.fixture(scope="module")
def parts(bare: Page) -> Page:
    """The bare page with more of the program."""
    for name in MORE:
        bare.add_script_tag(path=ASSETS / f"{name}.js")
    return bare


@pytest.mark.parametrize(
    "text", ["", "rho~wtp", "loss~f,k~x", "order,k,rho~p,loss", "order,b~sx,a", "val.accuracy~w"]
)
def test_an_arrangement_reads_back_as_it_was_written(parts: Page, text: str) -> None:
    assert parts.evaluate("(text) => rhoscope.boardWritten(rhoscope.boardRead(text))", text) == text


def test_an_arrangement_that_nobody_wrote_does_no_harm(parts: Page) -> None:
    read = parts.evaluate("() => rhoscope.boardRead('~~,rho~q9w,,order')")
    assert read["order"] == []
    assert read["sizes"]["rho"]["width"] == "wide"


def test_cards_stand_in_their_usual_order_whichever_came_first(parts: Page) -> None:
    order = parts.evaluate(
        """() => { const holder = document.body.appendChild(document.createElement("div"));
          const more = document.body.appendChild(document.createElement("div"));
          const board = new rhoscope.Board(holder, more, () => null);
          const card = (name) => { const element = document.createElement("article");
            element.id = name; element.innerHTML = "<header><h3></h3></header>"; return { element }; };
          for (const name of ["loss", "needle", "rho", "noise"]) board.add(name, card(name), false);
          const came = [...holder.children].map((one) => one.id);
          board.usual(["rho", "noise", "loss", "needle"]);
          const usual = [...holder.children].map((one) => one.id);
          board.put("needle", "rho", false);
          board.usual(["rho", "noise", "loss", "needle"]);
          const own = [...holder.children].map((one) => one.id);
          holder.remove(); more.remove();
          return [came, usual, own]; }"""
    )
    assert order == [
        ["loss", "needle", "rho", "noise"],
        ["rho", "noise", "loss", "needle"],
        ["needle", "rho", "noise", "loss"],
    ]


def test_small_moves_of_the_window_add_up_and_stay_within_the_run(parts: Page) -> None:
    ends = parts.evaluate(
        """() => { const w = new rhoscope.Window(); w.to(100, 110, 1000);
          for (let i = 0; i < 50; i++) w.pan(0.02, 1000);
          const moved = w.at;
          for (let i = 0; i < 500; i++) w.pan(0.9, 1000);
          const right = w.at;
          for (let i = 0; i < 500; i++) w.pan(-0.9, 1000);
          return [moved, right, w.at]; }"""
    )
    assert ends == [[110, 120], [990, 1000], [0, 10]]


def test_what_is_seen_whole_is_not_moved_and_follows_again_once_all_is_seen(parts: Page) -> None:
    seen = parts.evaluate(
        """() => { const w = new rhoscope.Window();
          const moved = w.pan(0.3, 500);
          w.scale(0.5, 0.5, 500);
          const half = w.at;
          w.scale(4, 0.5, 500);
          return [moved, half, w.at]; }"""
    )
    assert seen == [False, [125, 375], None]


@pytest.mark.parametrize("text", ["", "5", "9-3", "a-b", "-4-9", "1.5-7", "3-3"])
def test_a_zoom_that_is_none_is_not_taken(parts: Page, text: str) -> None:
    assert parts.evaluate("(text) => rhoscope.Window.read(text)", text) is None


def test_a_frame_draws_what_fits_and_the_next_one_goes_on_with_the_rest(parts: Page) -> None:
    drawn = parts.evaluate(
        """() => { const painter = new rhoscope.Painter(), log = [];
          const card = (name) => ({ name, visible: name !== 'f', ready: true, forget() {} });
          const cards = [...'abcdef'].map(card);
          const slow = (card, since) => { if (since === Infinity) return; log.push([card.name, since]);
            for (const t = performance.now(); performance.now() - t < 12; ); };
          const lasts = (n) => new Map([['r', n]]);
          const done = [painter.paint(cards, 10, lasts(10), slow), painter.paint(cards, 11, lasts(11), slow)];
          while (!painter.paint(cards, Infinity, lasts(11), slow)) done.push(false);
          return [log.slice(0, 6).map(([name]) => name), done[0], painter.reached(cards, 'r', 11)]; }"""
    )
    assert drawn[0][:3] == ["a", "b", "c"]
    assert drawn[0][3:5] == ["d", "e"], "those that waited come first"
    assert drawn[1:] == [False, 11]


def test_no_spike_is_lost_at_any_width_and_zoom(parts: Page) -> None:
    """Bins, grid, smooth line and outliers, with odd numbers of pixels and any window around the spike."""
    for seed in range(60):
        dice = random.Random(seed)
        n = dice.randint(50, 60_000)
        at, pixels = dice.randrange(n), dice.choice([65, 97, 333, 501, 777, 1919])
        x0 = dice.randint(0, at)
        x1 = dice.randint(at, n)
        found = parts.evaluate(
            """([n, at, pixels, x0, x1]) => { const b = new rhoscope.Bins(1024);
              for (let i = 0; i < n; i++) b.add(i, i === at ? 40 : 1 + 0.2 * Math.sin(i * 12.9898));
              b.add(at, NaN);
              const grid = rhoscope.slots(x0, x1, rhoscope.binWidth(x0, x1, pixels, b.width));
              const y = rhoscope.fill(b, grid, false);
              const soft = rhoscope.smooth(b, grid, 5 * grid.w, false, []);
              const far = rhoscope.outliers(y, soft, false);
              const slot = y.indexOf(Math.max(...y));
              return [Math.max(...y), Math.max(...far), Math.abs(grid.x[slot] - at) <= grid.w,
                b.odd.some(({ step }) => step === at)]; }""",
            [n, at, pixels, x0, x1],
        )
        assert found == [40, 40, True, True], (seed, n, at, pixels, x0, x1)


def test_marks_of_values_that_are_not_finite_survive_foldings_and_cuts(parts: Page) -> None:
    found = parts.evaluate(
        """() => { const b = new rhoscope.Bins(64);
          for (let i = 0; i < 5000; i++) b.add(i, i % 1000 === 7 ? NaN : 1);
          const all = b.odd.map((o) => o.step);
          b.cut(2500);
          return [all, b.odd.map((o) => o.step), b.used <= 64]; }"""
    )
    assert found == [[7, 1007, 2007, 3007, 4007], [7, 1007, 2007], True]


def test_values_of_several_runs_are_joined_at_their_steps(parts: Page) -> None:
    text = parts.evaluate(
        """() => rhoscope.csvRows([{ steps: [0, 2, 3], values: [0.1, 'NaN', 3] },
          { steps: [1, 2], values: [5, 'Infinity'] }])"""
    )
    assert text == "0,0.1,\n1,,5\n2,NaN,Infinity\n3,3,\n"


def test_a_drawing_is_well_formed_whatever_things_are_called(parts: Page) -> None:
    text = parts.evaluate(
        """() => rhoscope.svg({ x: [0, 1, 2], x0: 0, x1: 2, low: 0.5, high: 20, log: true, odd: [1],
          title: 'a < b & "c"', unit: 'ms', subtitle: '2 runs', reference: 1,
          colours: { surface: '#fff', joint: '#000', axis: '#666', grid: '#eee', reference: '#999',
            mark: '#66f', odd: '#f00' },
          keys: [{ label: '<run>', colour: '#123456', dash: [2, 2] }],
          marks: [{ step: 1, text: 'alpha 1 → 2' }],
          lines: [{ line: { colour: '#123456', dash: [2, 2] }, raw: [1, 19, 1], solid: [1, null, 2] }] })"""
    )
    drawing = ElementTree.fromstring(text)
    words = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {'a < b & "c"', "<run>", "alpha 1 → 2", "20"} <= set(words)
    assert len(drawing.findall(".//{http://www.w3.org/2000/svg}g/{http://www.w3.org/2000/svg}path")) == 2


def test_sixty_runs_look_each_like_none_of_the_others(parts: Page) -> None:
    looks = parts.evaluate(
        """() => { const hues = ['#3b5bdb', '#d1610a', '#128066', '#b83280', '#0f7f9e', '#8a6500',
            '#7048e8', '#c92a2a', '#4a7a12', '#5c6675'];
          hues.forEach((hue, i) => document.documentElement.style.setProperty(`--run-${i}`, hue));
          document.documentElement.style.setProperty('--ink', '#171a21');
          const ids = Array.from({ length: 60 }, (_, i) => String(i));
          const c = new rhoscope.Colours(ids, []);
          return ids.map((id) => `${c.run(id)} ${c.dash(id)}`); }"""
    )
    assert len(set(looks)) == 60


def test_steps_on_an_axis_never_read_alike(parts: Page) -> None:
    words = parts.evaluate("() => [[0, 200000, 400000], [303252, 303253]].map(rhoscope.stepWords)")
    assert words == [["0", "200k", "400k"], ["303,252", "303,253"]]
