/* A dialog that does something to many runs: it asks, reports progress, and lists what was refused. */
import { send } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { reason } from "../../lib/reason.js";
import { runCount } from "../../runs/facts.js";

/** @import { BulkAction, Outcome, Refusal } from "../../api/schema.d.ts" */
/** @typedef {Partial<BulkAction> & Pick<BulkAction, "act">} Body */
/**
 * What is asked and done.
 * @typedef {object} Orders
 * @property {string} title
 * @property {string} text
 * @property {string} label of the button that begins
 * @property {string} outcome as in "3 runs deleted."
 * @property {() => Body | null} body null: the fields are not filled in yet
 * @property {HTMLElement} [fields]
 * @property {boolean} [danger]
 */
/** @typedef {{ deleted: (ids: string[]) => void, ended: () => void }} Listener */
/**
 * What became of the runs; `left` of them were not sent.
 * @typedef {{ done: number, refused: Refusal[], error: string, left: number }} Result
 */

const TOGETHER = 100; /* runs of one request, so that progress can be shown */
const LISTED = 8; /* refusals that are shown */

/* An open dialog. Once it has begun, Cancel and Escape stop it after the request under way. */
export class Bulk {
  /**
   * @param {Orders} orders
   * @param {string[]} ids
   * @param {Listener} listener
   */
  constructor(orders, ids, listener) {
    this.orders = orders;
    this.ids = ids;
    this.listener = listener;
    this.doing = false;
    this.stopped = false;
    this.words = el("p", { role: "status" }, orders.text);
    this.cancel = el("button", { type: "button", class: "button", onclick: () => this.leave() }, "Cancel");
    this.begin = el(
      "button",
      { type: "submit", class: `button ${orders.danger ? "button-danger" : "button-strong"}` },
      orders.label,
    );
    this.refusals = el("ul", { class: "refusals", hidden: true });
    const form = el(
      "form",
      { method: "dialog" },
      el("h2", { id: "bulk-title" }, orders.title),
      this.words,
      orders.fields ?? null,
      this.refusals,
      el("div", { class: "dialog-end" }, this.cancel, this.begin),
    );
    this.dialog = el("dialog", { class: "card bulk-dialog", "aria-labelledby": "bulk-title" }, form);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._begin();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    if (orders.danger) this.cancel.focus();
  }

  leave() {
    if (!this.doing) return this.close();
    this.stopped = true;
    this.cancel.disabled = true;
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  async _begin() {
    const body = this.doing ? null : this.orders.body();
    if (!body) return;
    this.doing = true;
    this.begin.disabled = true;
    if (this.orders.fields) this.orders.fields.hidden = true;
    say(this.cancel, "Stop here");
    const result = await this._do(body);
    this.doing = this.cancel.disabled = false;
    if (this.dialog.open) this._end(result);
  }

  /** @param {Body} body */
  async _do(body) {
    /** @type {Result} */
    const result = { done: 0, refused: [], error: "", left: 0 };
    for (let i = 0; i < this.ids.length; i += TOGETHER) {
      result.left = this.ids.length - i;
      if (!this.dialog.open || this.stopped) return result;
      say(this.words, `${whole(i)} of ${runCount(this.ids.length)} …`);
      try {
        const runs = this.ids.slice(i, i + TOGETHER);
        /** @type {Outcome} */
        const answer = await send("POST", "/runs/bulk", { ...body, runs });
        result.done += answer.done.length;
        result.refused.push(...answer.refused);
        if (body.act === "delete") this.listener.deleted(answer.done);
      } catch (error) {
        return { ...result, error: reason(error) };
      }
    }
    return { ...result, left: 0 };
  }

  /** @param {Result} result */
  _end(result) {
    this.begin.remove();
    say(this.cancel, "Close");
    this._report(result);
    this.listener.ended();
    if (result.refused.length || result.error || result.left) this.cancel.focus();
    else this.close();
  }

  /** @param {Result} result */
  _report({ done, refused, error, left }) {
    const parts = [`${runCount(done)} ${this.orders.outcome}.`];
    if (refused.length) parts.push(`${runCount(refused.length)} refused:`);
    if (error) parts.push(`${error} The outcome for the last ${whole(left)} is unknown; check the list.`);
    else if (left) parts.push(`The other ${whole(left)} were not changed.`);
    say(this.words, parts.join(" "));
    const lines = refused.slice(0, LISTED).map((refusal) => refusal.detail);
    if (refused.length > LISTED) lines.push(`and ${whole(refused.length - LISTED)} more.`);
    this.refusals.replaceChildren(...lines.map((line) => el("li", {}, line)));
    this.refusals.hidden = !lines.length;
  }
}
