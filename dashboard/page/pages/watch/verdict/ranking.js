/* How the candidates that were tried on a run stand. */
import { ask, misfits, send } from "../../../api/ask.js";
import { el, refill, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { go } from "../../../shell/navigate.js";
import { cells } from "./trial.js";

/** @import { Place, Ranking, Suggestion } from "../../../api/schema.d.ts" */

const EVERY_MS = 3000;

/**
 * How the candidates of a sweep stand.
 * @param {string} sweep
 * @returns {Promise<Ranking>}
 */
const standing = (sweep) => ask(`/sweeps/${encodeURIComponent(sweep)}/ranking`);

/** The ranking of one sweep of remedies, renewed until the race is over. */
export class Standings {
  /** @param {() => boolean} alive whether the page is still open */
  constructor(alive) {
    this.alive = alive;
    this.sweep = "";
    this.known = false; /* whether an answer came to what was tried */
    this.head = el("h3", {}, "");
    this.body = el("tbody", {});
    this.foot = el("div", { class: "standings-foot" });
    this.error = el("p", { class: "reason", role: "status", hidden: true });
    const columns = [
      "Candidate",
      "Until step",
      "Validation",
      "Over the control",
      "p (Holm)",
      "Minutes",
      "Standing",
    ];
    this.element = el(
      "div",
      { class: "standings", hidden: true },
      this.head,
      el(
        "div",
        {
          class: "standings-scroll",
          role: "region",
          "aria-label": "Ranking of the candidates",
          tabindex: "0",
        },
        el(
          "table",
          {},
          el("thead", {}, el("tr", {}, ...columns.map((c) => el("th", { scope: "col" }, c)))),
          this.body,
        ),
      ),
      this.foot,
      this.error,
    );
  }

  /**
   * The newest race on a run and how it stands, once; null where nothing was tried, or no answer came.
   * @param {string} path the run's
   */
  async newest(path) {
    if (this.known) return null;
    try {
      /** @type {Suggestion} */
      const { tried } = await ask(`${path}/remedies`);
      const latest = tried.length ? { sweep: tried[0], ranking: await standing(tried[0]) } : null;
      this.known = true;
      return latest;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} sweep
   * @param {Ranking} [ranking] how it stands, where that is known
   */
  follow(sweep, ranking) {
    this.sweep = sweep;
    if (!ranking) return this._renew(sweep);
    this._show(ranking);
    if (!ranking.over) setTimeout(() => this._renew(sweep), EVERY_MS);
  }

  /** @param {string} sweep */
  async _renew(sweep) {
    if (!this.alive() || sweep !== this.sweep) return;
    let over = false;
    try {
      const ranking = await standing(sweep);
      if (!this.alive() || sweep !== this.sweep) return;
      this._show(ranking);
      over = ranking.over;
    } catch {
      /* asked again */
    }
    if (!over) setTimeout(() => this._renew(sweep), EVERY_MS);
  }

  /** @param {Ranking} ranking */
  _show(ranking) {
    const { winner, over, rungs, minutes } = ranking;
    const words = over
      ? winner ? `${winner} is best` : "no candidate came to the end"
      : `the candidates race, compared at steps ${rungs.map(whole).join(" and ")}`;
    say(this.head, `What was tried: ${words}; ${minutes.toFixed(1)} minutes of training`);
    refill(this.body, ranking.places.map((place) => row(place, ranking)), "place");
    refill(this.foot, [this._links(ranking)], "foot");
    this.element.hidden = false;
  }

  /** @param {Ranking} ranking */
  _links({ places, winner }) {
    const best = places.find(({ name }) => name === winner);
    const first = places.map(({ runs }) => runs[0]).filter(Boolean);
    return el(
      "div",
      { class: "verdict-next", "data-foot": "links" },
      best ? onward(best) : null,
      el("a", { class: "button button-quiet", href: `/watch?runs=${first.join(",")}` }, "Show curves"),
      el("a", { class: "button button-quiet", href: `/sweeps?sweep=${this.sweep}` }, "Open the sweep"),
    );
  }

  /** @param {HTMLButtonElement} button */
  async goOn(button) {
    const run = button.dataset.goOn ?? "";
    button.disabled = true;
    try {
      await send("POST", `/runs/${run}/resume`, {});
      go(`/watch?runs=${run}`);
    } catch (error) {
      say(this.error, misfits(error));
      this.error.hidden = false;
      button.disabled = false;
    }
  }
}

/**
 * What can be done with the winner: let it go on, or see it where somebody has done so.
 * @param {Place} place
 */
const onward = ({ name, runs, waiting = [] }) =>
  waiting.length
    ? el(
      "button",
      { type: "button", class: "button button-strong", "data-go-on": waiting[0] },
      `Go on with ${name}`,
    )
    : el("a", { class: "button button-strong", href: `/watch?runs=${runs[0]}` }, `Open ${name}`);

/**
 * @param {Place} place
 * @param {Ranking} ranking
 */
const row = (place, ranking) =>
  el(
    "tr",
    { "data-place": place.name, class: place.name === ranking.winner ? "winner" : null },
    el("th", { scope: "row" }, place.name),
    ...cells(place, ranking).map((text) => el("td", {}, text)),
  );
