/* Which runs are chosen, and what can be done to all of them at once. */
import { send } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { go } from "../../shell/navigate.js";

const AT_ONCE = 100; /* runs of one request, so that progress can be told */
const WATCHABLE = 100; /* the live connection takes no more */
const runs = (n) => `${whole(n)} ${n === 1 ? "run" : "runs"}`;

/* A button that leads to so many runs together. */
export function watchable(button, n, title = "") {
  button.disabled = n > WATCHABLE;
  button.title = n > WATCHABLE ? `Up to ${WATCHABLE} runs` : title;
}

export class Chosen {
  /* `page` has {between(key, key), run(id), refresh(), changed()}. */
  constructor(page) {
    Object.assign(this, { page, ids: new Set(), last: null });
    const button = (text, act, more = {}) =>
      el("button", { type: "button", class: "button button-quiet", onclick: act, ...more }, text);
    this.words = el("strong", { "aria-live": "polite" });
    this.together = button("Watch together", () => this._open("/watch?runs="), { id: "watch-together" });
    this.compare = button("Compare", () => this._open("/compare?runs="));
    this.element = el(
      "div",
      { class: "bulk-bar", role: "region", "aria-label": "Chosen runs", hidden: true },
      this.words,
      this.together,
      this.compare,
      button("Tags", () => this._tag()),
      button("Stop", () => this._stop()),
      button("Delete", () => this._delete(), { class: "button button-quiet button-bad" }),
      button("Choose none", () => this.clear()),
    );
  }

  has(id) {
    return this.ids.has(id);
  }

  /* A row of the list, by its key: a run may stand there twice. With `span` all from the one before to this. */
  toggle({ key, id }, on, span = false) {
    const ids = (span && this.page.between(this.last, key)) || [id];
    this.last = key;
    this.set(ids, on);
  }

  set(ids, on) {
    for (const id of ids) {
      if (on) this.ids.add(id);
      else this.ids.delete(id);
    }
    this._changed();
  }

  clear() {
    this.ids.clear();
    this._changed();
  }

  forget(id) {
    if (this.ids.delete(id)) this._changed();
  }

  _changed() {
    const n = this.ids.size;
    this.element.hidden = n === 0;
    say(this.words, `${whole(n)} chosen`);
    for (const one of [this.together, this.compare]) watchable(one, n);
    this.page.changed();
  }

  _open(address) {
    go(address + [...this.ids].join(","));
  }

  _stop() {
    const ids = [...this.ids];
    this._ask({
      title: `Stop ${runs(ids.length)}?`,
      text: "Each stops at its next step and writes a checkpoint. Those that have ended stay as they are.",
      word: `Stop ${runs(ids.length)}`,
      done: "told to stop",
      act: () => ({ act: "stop" }),
      ids,
    });
  }

  _delete() {
    const ids = [...this.ids];
    this._ask({
      title: `Delete ${runs(ids.length)}?`,
      text: "Their curves, events and logs go with them. This can't be undone.",
      word: `Delete ${runs(ids.length)}`,
      done: "deleted",
      act: () => ({ act: "delete" }),
      ids,
      bad: true,
    });
  }

  _tag() {
    const ids = [...this.ids];
    const known = [...new Set(ids.flatMap((id) => this.page.run(id)?.tags ?? []))].sort();
    const list = el("datalist", { id: "known-tags" }, ...known.map((tag) => el("option", { value: tag })));
    const field = el("input", {
      type: "text",
      class: "text-field",
      maxlength: 200,
      list: "known-tags",
      "aria-label": "Tag",
      placeholder: "Tag",
      autocomplete: "off",
      autofocus: true,
    });
    const how = el(
      "select",
      { class: "select", "aria-label": "Add or remove" },
      el("option", { value: "add" }, "Add"),
      el("option", { value: "remove" }, "Remove"),
    );
    const act = () => {
      const tag = field.value.trim();
      field.setAttribute("aria-invalid", String(!tag));
      if (!tag) field.focus();
      return tag ? { act: "tag", [how.value]: [tag] } : null;
    };
    this._ask({
      title: `Tags of ${runs(ids.length)}`,
      text: "",
      word: "Apply",
      done: "tagged",
      act,
      ids,
      fields: el("div", { class: "tag-fields" }, how, field, list),
    });
  }

  /* Asks, does it in bites while it says how far it is, and tells what was refused. Once it has begun, Cancel and
     Escape are a word to stop; what is done by then is told. */
  _ask({ title, text, word, done, act, ids, fields = null, bad = false }) {
    const say2 = el("p", { role: "status" }, text);
    const cancel = el("button", { type: "button", class: "button", onclick: () => leave() }, "Cancel");
    const go = el(
      "button",
      { type: "submit", class: `button ${bad ? "button-danger" : "button-strong"}` },
      word,
    );
    const refusals = el("ul", { class: "refusals", hidden: true });
    const form = el(
      "form",
      { method: "dialog" },
      el("h2", { id: "bulk-title" }, title),
      say2,
      fields,
      refusals,
      el("div", { class: "dialog-end" }, cancel, go),
    );
    const dialog = el("dialog", {
      class: "card bulk-dialog",
      "aria-labelledby": "bulk-title",
      onclose: () => dialog.remove(),
    }, form);
    let doing = false;
    let stopped = false;
    const leave = () => {
      if (doing) stopped = cancel.disabled = true;
      else dialog.close();
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leave();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = act();
      if (!body || doing) return;
      doing = true;
      go.disabled = true;
      if (fields) fields.hidden = true;
      say(cancel, "Stop here");
      const told = (n) => say(say2, `${whole(n)} of ${runs(ids.length)} …`);
      const outcome = await this._do(body, ids, told, () => dialog.open && !stopped);
      doing = cancel.disabled = false;
      if (!dialog.open) return; /* another page stands there */
      go.remove();
      say(cancel, "Close");
      this._tell(outcome, done, say2, refusals);
      this.page.refresh();
      if (!outcome.refused.length && !outcome.error && !outcome.left) dialog.close();
      else cancel.focus();
    });
    document.body.append(dialog);
    this.dialog = dialog;
    dialog.showModal();
    if (bad) cancel.focus();
  }

  /* Another page: nothing goes on behind it. */
  leave() {
    if (this.dialog?.open) this.dialog.close();
  }

  async _do(body, ids, told, going) {
    const outcome = { done: 0, refused: [], error: "", left: 0 };
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      if (!going()) {
        outcome.left = ids.length - i;
        break;
      }
      told(i);
      try {
        const answer = await send("POST", "/runs/bulk", { ...body, runs: ids.slice(i, i + AT_ONCE) });
        outcome.done += answer.done.length;
        outcome.refused.push(...answer.refused);
        if (body.act === "delete") this.set(answer.done, false);
      } catch (error) {
        outcome.error = error.message;
        outcome.left = ids.length - i;
        break;
      }
    }
    return outcome;
  }

  _tell({ done, refused, error, left }, word, place, list) {
    const parts = [`${runs(done)} ${word}.`];
    if (refused.length) parts.push(`${runs(refused.length)} refused:`);
    if (error) parts.push(`${error} What became of the last ${whole(left)} is not known; look at the list.`);
    else if (left) parts.push(`The other ${whole(left)} are as they were.`);
    say(place, parts.join(" "));
    const shown = refused.slice(0, 8).map((one) => el("li", {}, one.detail));
    if (refused.length > shown.length) {
      shown.push(el("li", {}, `and ${whole(refused.length - shown.length)} more.`));
    }
    list.replaceChildren(...shown);
    list.hidden = !shown.length;
  }
}
