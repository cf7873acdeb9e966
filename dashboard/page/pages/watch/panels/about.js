/* Name, tags and notes of a run, changed in place; and its deletion. */
import { misfits, send } from "../../../api/ask.js";
import { settingWords } from "../../../api/catalog.js";
import { ENDED } from "../../../api/states.js";
import { el, say } from "../../../lib/element.js";
import { reason } from "../../../lib/reason.js";
import { go } from "../../../shell/navigate.js";
import { mayLookOnly } from "../../../shell/role.js";
import { Deletion } from "./deletion.js";
import { Tags } from "./tags.js";

/** @import { Run, RunEdit } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

/**
 * @param {string} id of the field
 * @param {string} words
 * @param {HTMLElement} part
 */
const labeled = (id, words, part) =>
  el("div", { class: "about-field" }, el("label", { for: id }, words), part);

class About {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    this.record = record;
    this.alive = alive;
    const id = `about-${record.id}`;
    this.name = el("input", {
      type: "text",
      id: `${id}-name`,
      maxlength: "200",
      autocomplete: "off",
      onchange: () => this._save({ name: this.name.value.trim() }),
    });
    this.tags = new Tags(`${id}-tag`, (tags) => this._tagged(tags));
    this.notes = el("textarea", {
      id: `${id}-notes`,
      rows: "5",
      maxlength: "20000",
      onchange: () => this._save({ notes: this.notes.value }),
    });
    this.outcome = el("p", { class: "muted", role: "status" });
    this.deletion = new Deletion(() => this._delete());
    root.classList.add("about-panel");
    root.replaceChildren(
      labeled(`${id}-name`, "Name", this.name),
      labeled(`${id}-tag`, "Tags", this.tags.element),
      labeled(`${id}-notes`, "Notes", this.notes),
      this.outcome,
      this.deletion.element,
    );
    this.saving = 0; /* lists of tags on their way */
    /** @type {string[] | null} the list that was saved last */
    this.saved = null;
    /** @type {Promise<void>} */
    this.before = Promise.resolve();
  }

  /** @param {Run} run */
  update(run) {
    if (document.activeElement !== this.name) this.name.value = run.name;
    if (document.activeElement !== this.notes) this.notes.value = run.notes;
    for (const field of [this.name, this.notes, this.tags.field]) field.disabled = mayLookOnly();
    this.deletion.allow(ENDED.includes(run.state) || ["paused", "silent"].includes(run.state));
    if (!this.saving) this.tags.show(run.tags);
  }

  add() {}

  /**
   * Save tags. The whole list is sent, so the next change must know of this one before it is answered. One
   * goes after another: the last list is the last that is saved.
   * @param {string[]} tags
   */
  async _tagged(tags) {
    this.tags.show(tags);
    if (!this.saving) this.saved = null;
    this.saving += 1;
    this.before = this.before.then(() => this._save({ tags }));
    await this.before;
    this.saving -= 1;
    if (!this.saving && this.alive() && this.record.run) this.tags.show(this.saved ?? this.record.run.tags);
  }

  /** @param {RunEdit} changes */
  async _save(changes) {
    say(this.outcome, "Saving …");
    this.outcome.className = "muted";
    try {
      /** @type {Run} */
      const run = await send("PATCH", `/runs/${this.record.id}`, changes);
      if (!this.alive()) return;
      if (changes.tags) this.saved = run.tags;
      say(this.outcome, "Saved.");
    } catch (error) {
      this._fail(misfits(error, settingWords));
    }
  }

  /** @param {string} text */
  _fail(text) {
    this.outcome.className = "reason";
    say(this.outcome, text);
  }

  async _delete() {
    try {
      await send("DELETE", `/runs/${this.record.id}`);
      if (this.alive()) go("/");
    } catch (error) {
      this.deletion.ask(false);
      this._fail(reason(error));
    }
  }
}

/** @type {Panel} */
export const aboutPanel = {
  name: "about",
  title: "Name, tags and notes",
  open: (record, root, alive) => new About(record, root, alive),
};
