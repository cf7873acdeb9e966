/* The verdict on top of a run: what its curves say, on which stretch each sentence rests, and what to do. */
import { ask, misfits, once, send } from "../../../api/ask.js";
import { readCatalog, schemas } from "../../../api/catalog.js";
import { growing } from "../../../api/states.js";
import { highlight } from "../../../charts/highlight.js";
import { splitName } from "../../../charts/lines.js";
import { el, refill, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { hold } from "../../../lib/room.js";
import { go } from "../../../shell/navigate.js";
import { arranged, changed, inWords, nextStep } from "./lines.js";
import { Standings } from "./ranking.js";
import { races, Remedies } from "./remedies.js";
import { Room } from "./room.js";
import { MOST, verdictLines } from "./several.js";

/** @import { Judgment, Run } from "../../../api/schema.d.ts" */
/** @import { CardLike } from "../../../charts/card.js" */
/** @import { Record as Recording } from "../../../data/record.js" */
/** @import { Line } from "./lines.js" */
/** @typedef {Judgment["evidence"]} Parts */

/**
 * What the strip uses of the Watch page.
 * @typedef {object} StripView
 * @property {boolean} alive
 * @property {Recording[]} records
 * @property {Map<string, CardLike>} cards
 * @property {{ ask: (now?: boolean) => void }} loop
 * @property {(name: string) => HTMLElement} part
 * @property {() => void} follow shows all steps
 */

const WAITS = ["queued", "paused"];
const TRIES = "Try several strategies on this run, side by side";
const EVERY_MS = 4000; /* a growing run's verdict is read again */
const WORDS = { found: "Found", fine: "Fine", unknown: "Can't say" };

/** The verdict on the only run of the page. Curves never wait for it: a page that is seen before it comes has
 * room for it, in which it scrolls until a reader turns to it. */
class Strip {
  /** @param {StripView} view */
  constructor(view) {
    this.view = view;
    this.id = view.records[0].id;
    this.text = ""; /* the answer that is shown */
    this.chosen = ""; /* the evidence that is highlighted */
    this.request = { text: "", key: "" };
    this.head = el("h2", {}, "Verdict");
    this.shown = el("ul", { class: "verdict-lines" });
    this.folded = el("ul", { class: "verdict-lines" });
    this.count = el("summary", {}, "");
    this.fold = el("details", { class: "verdict-fold", hidden: true }, this.count, this.folded);
    this.next = el("div", { class: "verdict-next" });
    this.error = el("p", { class: "reason", role: "status", hidden: true });
    this.standings = new Standings(() => view.alive);
    this.remedies = new Remedies(this.id, (sweep) => this.standings.follow(sweep));
    /** Read while the run is: little moves then. @type {Promise<Judgment[] | null> | null} */
    this.early = ask(`${this.path}/verdict`).catch(() => null);
    this.waiting = el("p", { class: "muted small" }, "Reading the curves …");
    this.element = el(
      "section",
      { class: "verdict verdict-one card", "aria-label": "Verdict", tabindex: "0" },
      el("header", { class: "verdict-head" }, this.head, el("span", { class: "spacer" }), this.next),
      this.error,
      this.waiting,
      this.shown,
      this.fold,
      this.standings.element,
    );
    this.room = new Room(this.element);
    view.part("runs").after(this.element);
  }

  get run() {
    return this.view.records[0]?.run ?? null;
  }

  get path() {
    return `/runs/${encodeURIComponent(this.id)}`;
  }

  async renew() {
    if (!this._shown()) return;
    await this._read().catch(() => {}); /* the page's own connection says what is wrong */
    if (this._shown() && this._grows()) setTimeout(() => this.renew(), EVERY_MS);
  }

  /** Whether the page still shows the run; else nothing stays. */
  _shown() {
    const shown = this.view.alive && this.view.records.length > 0;
    if (!shown) this.leave();
    return shown;
  }

  _grows() {
    return !this.run || growing(this.run.state) || WAITS.includes(this.run.state);
  }

  async _read() {
    const race = races(this.run) ? this.standings.newest(this.path) : null;
    /** @type {Judgment[]} */
    const judgments = (await this.early) ?? await ask(`${this.path}/verdict`);
    this.early = null;
    if (!this.view.alive) return;
    this._show(judgments);
    const leader = await race;
    if (leader && this.view.alive) this.standings.follow(leader.sweep, leader.ranking);
  }

  /** @param {Judgment[]} judgments */
  _show(judgments) {
    const text = JSON.stringify([judgments, this.run?.modalities]);
    if (text === this.text || !this.run) return;
    if (!this.text) this.room.fit(this.run);
    this.text = text;
    this.waiting.hidden = true;
    const { shown, folded } = arranged(judgments, this.run.modalities.length);
    refill(this.shown, shown.map((line) => this._line(line)), "line");
    refill(this.folded, folded.map((line) => this._line(line)), "line");
    const many = `${folded.length} ${
      shown.length ? "more were looked at" : "were looked at; none has anything to say"
    }`;
    say(this.count, many);
    this.fold.hidden = !folded.length;
    refill(this.next, this._buttons(judgments), "next");
    hold(this.element);
  }

  /** @param {Line} line */
  _line({ name, title, sentence, evidence, remedy, mark }) {
    return el(
      "li",
      { class: "verdict-line", "data-line": name, "data-mark": mark },
      el("span", { class: "verdict-mark", title: WORDS[mark], role: "img", "aria-label": WORDS[mark] }),
      el("span", { class: "verdict-title" }, title),
      el(
        "span",
        { class: "verdict-words" },
        `${sentence} `,
        ...(evidence ?? []).map((part) => this._evidence(part)),
        mark === "found" && remedy ? el("span", { class: "verdict-remedy" }, remedy) : null,
      ),
    );
  }

  /** @param {NonNullable<Parts>[number]} part */
  _evidence({ series, start, end }) {
    const key = `${series} ${start} ${end}`;
    return el(
      "button",
      {
        type: "button",
        class: "verdict-evidence",
        "data-evidence": key,
        "aria-pressed": String(key === this.chosen),
        title: "Show these steps on the chart",
      },
      `${series} · ${whole(start)}–${whole(end)}`,
    );
  }

  /** @param {Judgment[]} judgments */
  _buttons(judgments) {
    if (this.run?.spec.guest) return []; /* only its own program can start it again */
    const next = nextStep(judgments);
    const several = (this.run?.modalities.length ?? 0) > 1;
    return [several ? button("remedies", "What would help?", TRIES, null) : null, next ? again(next) : null]
      .filter((one) => one !== null);
  }

  /** @param {MouseEvent} event */
  clicked({ target }) {
    const button = target instanceof Element ? target.closest("button") : null;
    if (!button) return;
    const { evidence, action, goOn, changes } = button.dataset;
    if (evidence) this._point(evidence);
    if (action === "remedies") this.remedies.open();
    if (goOn) this.standings.goOn(button);
    if (changes) this._again(button, JSON.parse(changes));
  }

  /**
   * Show a stretch on its chart, or no longer.
   * @param {string} key
   */
  _point(key) {
    this.chosen = key === this.chosen ? "" : key;
    for (const button of this.element.querySelectorAll("[data-evidence]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-evidence") === this.chosen));
    }
    const [name, start, end] = this.chosen.split(" ");
    const chart = this._chart(name);
    highlight(this.chosen ? { chart, start: Number(start), end: Number(end) } : null);
    for (const card of this.view.cards.values()) card.forget();
    this.view.loop.ask(true);
    if (this.chosen) this._bring(chart);
  }

  /**
   * The chart that draws a series.
   * @param {string} name
   */
  _chart(name) {
    const { run } = this;
    const series = run?.series.find((one) => one.name === name);
    return series?.chart || splitName({ name }, run?.modalities ?? []).stem;
  }

  /** @param {string} chart */
  _bring(chart) {
    const card = this.view.cards.get(chart)?.element;
    const late = card?.closest("details");
    if (late) late.open = true;
    card?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Record<string, unknown>} changes
   */
  async _again(button, changes) {
    const { run } = this;
    if (!run) return;
    button.disabled = true;
    this._say("");
    try {
      const catalog = await readCatalog();
      const own = (/** @type {string} */ name) =>
        catalog.plugins
          .filter((plugin) => plugin.kind === "strategy" && plugin.name === name)
          .flatMap((plugin) => Object.keys(schemas(plugin)));
      const spec = changed(run.spec, changes, own);
      const text = JSON.stringify(spec);
      if (this.request.text !== text) this.request = { text, key: once() };
      /** @type {Run} */
      const made = await send("POST", "/runs", spec, this.request.key);
      go(`/watch?runs=${run.id},${made.id}`);
    } catch (error) {
      this._say(misfits(error));
    } finally {
      button.disabled = false;
    }
  }

  /** @param {string} words */
  _say(words) {
    say(this.error, words);
    this.error.hidden = !words;
  }

  leave() {
    highlight(null);
    this.remedies.leave();
    this.element.remove();
  }
}

/**
 * @param {string} action
 * @param {string} text
 * @param {string} title
 * @param {Judgment["changes"] | null} changes those of a remedy, for a strong button
 */
const button = (action, text, title, changes) =>
  el(
    "span",
    { "data-next": action },
    el("button", {
      type: "button",
      class: changes ? "button button-strong" : "button",
      "data-action": action,
      "data-changes": changes && JSON.stringify(changes),
      title,
    }, text),
  );

/** @param {Judgment} judgment one with changes */
const again = ({ changes = {}, remedy }) =>
  button("remedy", `Launch again with ${inWords(changes)}`, remedy ?? "", changes);

/**
 * Put the verdict under the run of the page, or a line for each of a few; it is renewed while runs grow.
 * @param {StripView} view
 * @param {Promise<void>} loaded the runs were read, or refused
 * @returns {Promise<void>} its room is there
 */
export async function verdictStrip(view, loaded) {
  if (view.records.length > MOST) return;
  if (view.records.length > 1) return await verdictLines(view, loaded);
  const strip = new Strip(view);
  strip.element.addEventListener("click", (event) => strip.clicked(event));
  await loaded;
  strip.room.reserve(strip.run);
  strip.renew();
}
