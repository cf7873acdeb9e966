"""Modules of the page that need a document, each alone in a browser: no server, no run."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, Route

PAGE = Path(__file__).parents[2] / "dashboard" / "page"
ORIGIN = "http://page.test"


@pytest.fixture
def bare(fresh: Callable[[int, int], Page]) -> Page:
    """An empty document of an origin from which the page's modules can be imported."""

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).lstrip("/")
        if path:
            route.fulfill(path=PAGE / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>bare</title>", content_type="text/html")

    page = fresh(1280, 720)
    page.route(f"{ORIGIN}/**", serve)
    page.goto(ORIGIN)
    return page


def test_children_that_are_replaced_keep_the_focus(bare: Page) -> None:
    seen = bare.evaluate(
        """async () => {
          const { el, refill } = await import("/lib/element.js");
          const holder = el("ul", {});
          document.body.append(holder);
          const button = (words) => el("button", {}, words);
          const items = (words) => ["a", "b"].map((key) => el("li", { "data-key": key }, button(words)));
          refill(holder, items("old"), "key");
          const before = holder.children[1].firstChild;
          before.focus();
          refill(holder, items("old"), "key");
          const same = holder.children[1].firstChild === before;
          refill(holder, items("new"), "key");
          const { activeElement } = document;
          return [same, activeElement.textContent, activeElement.parentNode.dataset.key];
        }"""
    )
    assert seen == [True, "new", "b"]


def test_cards_are_in_their_usual_order_whichever_came_first(bare: Page) -> None:
    orders = bare.evaluate(
        """async () => {
          const { Board } = await import("/charts/board.js");
          const [holder, more] = ["div", "div"].map((tag) => document.createElement(tag));
          document.body.append(holder, more);
          const board = new Board(holder, more, () => null);
          const card = (name) => {
            const element = document.createElement("article");
            element.id = name;
            element.innerHTML = "<header><h3></h3></header>";
            return { element };
          };
          const shown = () => [...holder.children].map((child) => child.id);
          for (const name of ["loss", "needle", "rho", "noise"]) board.add(name, card(name), false);
          const first = shown();
          board.usual(["rho", "noise", "loss", "needle"]);
          const usual = shown();
          board.put("needle", "rho", false);
          board.usual(["rho", "noise", "loss", "needle"]);
          return [first, usual, shown()];
        }"""
    )
    assert orders == [
        ["loss", "needle", "rho", "noise"],
        ["rho", "noise", "loss", "needle"],
        ["needle", "rho", "noise", "loss"],
    ]


def test_sixty_runs_look_each_like_none_of_the_others(bare: Page) -> None:
    looks = bare.evaluate(
        """async () => {
          const { Colors } = await import("/charts/colors.js");
          const hues = ["#4154e3", "#800f32", "#05a0ae", "#a29060", "#3a3b70", "#7d3c00", "#935a6d",
            "#353294", "#1697cc", "#1305f9"];
          const { style } = document.documentElement;
          hues.forEach((hue, i) => style.setProperty(`--run-${i}`, hue));
          style.setProperty("--ink", "#171a21");
          const ids = Array.from({ length: 60 }, (_, i) => String(i));
          const colors = new Colors(ids, []);
          return ids.map((id) => `${colors.run(id)} ${colors.dash(id)}`);
        }"""
    )
    assert len(set(looks)) == 60


def test_small_and_large_numbers_are_numbers_to_every_reader_of_yaml(bare: Page) -> None:
    given = {"small": 1e-7, "large": 1e21, "plain": 0.5, "text": "1e5", "list": [-2e-9, 3]}
    text = bare.evaluate("async (given) => (await import('/lib/yaml.js')).yaml(given)", given)
    assert yaml.safe_load(text) == given


def test_news_that_comes_while_a_run_is_read_is_not_overwritten_by_what_was_read(bare: Page) -> None:
    state = bare.evaluate(
        """async () => {
          const answers = [];
          window.fetch = (path) => new Promise((resolve) => answers.push([path, resolve]));
          const sockets = [];
          window.WebSocket = class { constructor() { sockets.push(this); } close() {} };
          const { Shelf } = await import("/pages/runs/shelf.js");
          const shelf = new Shelf(() => ({ sort: "-created" }), () => {});
          const reading = shelf.want(["r"]);
          const run = (state) => ({ id: "r", state, tags: [], name: "r" });
          sockets[0].onmessage({ data: JSON.stringify({ type: "run", run: run("completed") }) });
          const [, answer] = answers.find(([path]) => path.includes("ids="));
          answer(Response.json({ runs: [run("running")] }));
          await reading;
          shelf.leave();
          return shelf.get("r").state;
        }"""
    )
    assert state == "completed"


def test_nothing_old_is_news_and_a_tab_that_could_not_read_reads_later(bare: Page) -> None:
    seen = bare.evaluate(
        """async () => {
          let runs = null;
          window.fetch = async (path) => {
            if (!runs) return new Response(null, { status: 503 });
            return Response.json(path.includes("/runs") ? { runs } : []);
          };
          const { notices } = await import("/shell/notices.js");
          const later = [];
          const real = window.setTimeout;
          window.setTimeout = (act, ms) => later.push([act, ms]);
          const same = { state: "failed", attempt: 1, reason: "x", step: 1 };
          const run = (id, finished) => ({ id, name: id, finished, ...same });
          const lost = (attempt) => ({ type: "run", run: { ...run("c", 0), state: "queued", attempt } });
          await notices._read();
          const [again, wait] = later.at(-1);
          runs = [run("b", 200)];
          await again();
          runs = [run("a", 100)];
          await notices._read();
          notices._take(lost(2));
          runs = [run("new", 300)];
          await notices._read();
          notices._take(lost(3));
          window.setTimeout = real;
          return [wait, [...document.querySelectorAll(".toast")].map((toast) => toast.dataset.key)];
        }"""
    )
    assert seen == [5000, ["new failed 1", "c vanished 3"]]
