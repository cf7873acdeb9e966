/* Name, tags and notes of a run, changed in place; and its deletion. */
import { send } from "../../../api/ask.js";
import { settingWords } from "../../../api/catalog.js";
import { el, say } from "../../../lib/element.js";
import { go } from "../../../shell/navigate.js";

const ENDED = ["stopped", "completed", "failed", "lost", "paused"];

class About {
  constructor(record, root, alive) {
    Object.assign(this, { record, alive, tags: [], saving: 0 });
    const id = `about-${record.id}`;
    this.name = el("input", {
      type: "text",
      id: `${id}-name`,
      maxlength: "200",
      autocomplete: "off",
      onchange: () => this._save({ name: this.name.value.trim() }),
    });
    this.chips = el("ul", { class: "own-tags", "aria-label": "Tags" });
    this.tag = el("input", {
      type: "text",
      id: `${id}-tag`,
      maxlength: "200",
      autocomplete: "off",
      placeholder: "Add a tag",
      onkeydown: (key) => this._key(key),
      onchange: () => this._add(),
    });
    this.notes = el("textarea", {
      id: `${id}-notes`,
      rows: "5",
      maxlength: "20000",
      onchange: () => this._save({ notes: this.notes.value }),
    });
    this.told = el("p", { class: "muted", role: "status" });
    this.remove = el("button", {
      type: "button",
      class: "button button-quiet",
      "data-action": "delete",
      onclick: () => this._ask(true),
    }, "Delete this run …");
    this.sure = el(
      "div",
      { class: "sure", role: "group", "aria-label": "Delete this run", hidden: true },
      el("span", {}, "Its curves, events and log are gone for good."),
      el(
        "button",
        { type: "button", class: "button button-danger", onclick: () => this._delete() },
        "Delete it",
      ),
      el("button", { type: "button", class: "button", onclick: () => this._ask(false) }, "Keep it"),
    );
    root.classList.add("about-panel");
    const field = (label, words, ...parts) =>
      el("div", { class: "about-field" }, el("label", { for: label }, words), ...parts);
    root.replaceChildren(
      field(`${id}-name`, "Name", this.name),
      field(`${id}-tag`, "Tags", el("div", { class: "tag-row" }, this.chips, this.tag)),
      field(`${id}-notes`, "Notes", this.notes),
      this.told,
      el("div", { class: "about-end" }, this.remove, this.sure),
    );
  }

  update(run) {
    if (document.activeElement !== this.name) this.name.value = run.name;
    if (document.activeElement !== this.notes) this.notes.value = run.notes;
    this.remove.disabled = !ENDED.includes(run.state);
    this.remove.title = this.remove.disabled ? "Stop it first" : "";
    if (!this.saving && JSON.stringify(run.tags) !== JSON.stringify(this.tags)) this._tags(run.tags);
  }

  add() {}

  _tags(tags) {
    this.tags = tags;
    const chip = (tag) =>
      el(
        "li",
        { class: "own-tag" },
        el("span", {}, tag),
        el("button", {
          type: "button",
          class: "tag-remove",
          "aria-label": `Remove the tag ${tag}`,
          onclick: () => this._tagged(this.tags.filter((one) => one !== tag)),
        }, "×"),
      );
    this.chips.replaceChildren(...tags.map(chip));
    this.chips.hidden = !tags.length;
  }

  _key(key) {
    if (key.key === "Backspace" && !key.repeat && !this.tag.value && this.tags.length) {
      this._tagged(this.tags.slice(0, -1));
    }
    if (key.key !== "Enter" && key.key !== ",") return;
    key.preventDefault();
    this._add();
  }

  _add() {
    const tag = this.tag.value.trim();
    this.tag.value = "";
    if (tag && !this.tags.includes(tag)) this._tagged([...this.tags, tag]);
  }

  /* The whole list is sent, so the next change must know of this one before it is answered. One goes after another:
     the last that was made is the last that is saved. */
  async _tagged(tags) {
    this._tags(tags);
    if (!this.saving) this.saved = null;
    this.saving += 1;
    await (this.before = Promise.resolve(this.before).then(() => this._save({ tags })));
    this.saving -= 1;
    if (!this.saving && this.alive() && this.record.run) this._tags(this.saved ?? this.record.run.tags);
  }

  async _save(changes) {
    say(this.told, "Saving …");
    this.told.className = "muted";
    try {
      const run = await send("PATCH", `/runs/${this.record.id}`, changes);
      if (!this.alive()) return;
      if (changes.tags) this.saved = run.tags;
      say(this.told, "Saved.");
    } catch (error) {
      const told = (error.problem?.errors ?? []).map((one) => `${settingWords(one.field)}: ${one.message}`)
        .join("; ");
      this._fail(told || error.message);
    }
  }

  _fail(text) {
    this.told.className = "reason";
    say(this.told, text);
  }

  _ask(sure) {
    this.sure.hidden = !sure;
    this.remove.hidden = sure;
    (sure ? this.sure.querySelector("button") : this.remove).focus();
  }

  async _delete() {
    try {
      await send("DELETE", `/runs/${this.record.id}`);
      if (this.alive()) go("/");
    } catch (error) {
      this._ask(false);
      this._fail(error.message);
    }
  }
}

export const aboutPanel = {
  name: "about",
  title: "Name, tags and notes",
  open: (...given) => new About(...given),
};
