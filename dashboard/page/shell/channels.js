/* Channels: where messages go when no page is open, such as Slack or mail. */
import { ask, misfits, send } from "../api/ask.js";
import { el, say } from "../lib/element.js";

/** @import { Channel } from "../api/schema.d.ts" */

/** @type {[Channel["occasions"][number], string][]} */
const OCCASIONS = [
  ["alert", "an alert fires"],
  ["failed", "a run fails"],
  ["lost", "a run is lost"],
  ["completed", "a run completes"],
  ["stopped", "a run is stopped"],
];
const FIRST = ["alert", "failed", "lost"];
const HELP = "https://appriseit.com/services/";

/**
 * What a channel is for, in words.
 * @param {string[]} occasions
 */
export function occasionWords(occasions) {
  const words = OCCASIONS.filter(([value]) => occasions.includes(value)).map(([, text]) => text);
  return words.length === OCCASIONS.length
    ? "every alert and every end of a run"
    : `when ${words.join(", ")}`;
}

/** The panel of channels. */
export class Channels {
  constructor() {
    this.list = el("ul", { class: "channels", "aria-label": "Channels that are set" });
    this.none = el(
      "p",
      { class: "muted", hidden: true },
      "No channels yet. With one, alerts and ends of runs reach you while no page is open.",
    );
    this.note = el("p", { class: "reason", role: "status", hidden: true });
    this.name = this._field("Channel name", "Team chat", 100);
    this.address = this._field("Channel address", "slack://…  mailtos://…  jsons://…", 2000);
    this.boxes = OCCASIONS.map(([value, text]) => ({
      text,
      input: el("input", { type: "checkbox", value, checked: FIRST.includes(value) }),
    }));
    this.form = el(
      "form",
      { class: "channel-form", onsubmit: (/** @type {SubmitEvent} */ event) => this._submit(event) },
      el("h3", {}, "Send a message"),
      el("label", {}, el("span", {}, "Name"), this.name),
      el("label", {}, el("span", {}, "Address"), this.address),
      el(
        "p",
        { class: "muted small" },
        "Any ",
        el(
          "a",
          { class: "text-link", href: HELP, target: "_blank", rel: "noreferrer" },
          "service of Apprise",
        ),
        " that reaches people: Slack, Teams, Discord, mail, ntfy, or a webhook.",
      ),
      el(
        "fieldset",
        {},
        el("legend", {}, "when"),
        ...this.boxes.map(({ text, input }) => el("label", {}, input, text)),
      ),
      el("button", { type: "submit", class: "button button-strong" }, "Add this channel"),
    );
    this.element = el("div", { class: "alerts-panel" }, this.form, this.note, this.list, this.none);
  }

  /**
   * @param {string} label
   * @param {string} placeholder
   * @param {number} longest
   */
  _field(label, placeholder, longest) {
    return el("input", {
      type: "text",
      placeholder,
      required: true,
      maxlength: String(longest),
      autocomplete: "off",
      spellcheck: false,
      "aria-label": label,
    });
  }

  /** Show the channels there are. */
  async read() {
    try {
      /** @type {Channel[]} */
      const channels = await ask("/channels");
      this.none.hidden = channels.length > 0;
      this.list.replaceChildren(...channels.map((channel) => this._row(channel)));
    } catch (error) {
      this._say(misfits(error));
    }
  }

  /** @param {Channel} channel */
  _row(channel) {
    const { id, name, service, address, occasions, enabled, problem } = channel;
    const on = el("input", {
      type: "checkbox",
      checked: enabled,
      "aria-label": `${name}: on`,
      title: "On or off",
      onchange: () => this._change("PATCH", `/channels/${id}`, { enabled: on.checked }),
    });
    const test = el("button", {
      type: "button",
      class: "button",
      "aria-label": `Send a test to ${name}`,
      onclick: () => this._change("POST", `/channels/${id}/test`, undefined, `Sent to ${name}.`),
    }, "Test");
    const remove = el("button", {
      type: "button",
      class: "icon-button",
      "aria-label": `Delete the channel ${name}`,
      title: "Delete",
      onclick: () => this._change("DELETE", `/channels/${id}`),
    }, "×");
    return el(
      "li",
      { "data-channel": id },
      on,
      el(
        "div",
        {},
        el("div", {}, name, el("span", { class: "muted" }, ` ${service}`)),
        el("div", { class: "muted small", title: address }, occasionWords(occasions)),
        problem ? el("div", { class: "reason small" }, problem) : "",
      ),
      test,
      remove,
    );
  }

  /** @param {SubmitEvent} event */
  async _submit(event) {
    event.preventDefault();
    const occasions = this.boxes.filter(({ input }) => input.checked).map(({ input }) => input.value);
    if (!occasions.length) return this._say("Choose at least one occasion.");
    const body = { name: this.name.value, address: this.address.value.trim(), occasions };
    if (await this._change("POST", "/channels", body)) this.form.reset();
  }

  /**
   * Whether it was done.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {string} [done] what to say then
   */
  async _change(method, path, body, done = "") {
    this._say("");
    let well = true;
    try {
      await send(method, path, body);
    } catch (error) {
      well = false;
      done = misfits(error);
    }
    await this.read();
    this._say(done, well);
    return well;
  }

  /**
   * @param {string} text
   * @param {boolean} [well]
   */
  _say(text, well = false) {
    say(this.note, text);
    this.note.hidden = !text;
    this.note.classList.toggle("reason", !well);
  }
}
