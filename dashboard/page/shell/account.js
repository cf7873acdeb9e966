/* Who is logged in: the name in the head, and a dialog with tokens, password and logout. */
import { ask, misfits, send } from "../api/ask.js";
import { el, say } from "../lib/element.js";
import { logIn } from "../lib/login.js";
import { showRole } from "./role.js";

/** @import { ApiToken, MadeToken, Session } from "../api/schema.d.ts" */

const SHARED = "shared token"; /* the name of who has it, and no account */

class Account {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.problem = el("p", { class: "reason", role: "alert", hidden: true });
    this.done = el("p", { class: "muted small", role: "status" });
    this.list = el("ul", { "aria-label": "Personal tokens" });
    this.secret = el("div", { role: "status" });
    this.dialog = el(
      "dialog",
      {
        id: "account-panel",
        class: "card",
        "aria-labelledby": "account-title",
        onclose: () => this.dialog.remove(),
      },
      el("h2", { id: "account-title" }, this._title()),
      el("p", { class: "muted" }, `Role: ${session.role}`),
      this.problem,
      ...(session.name === SHARED ? [] : [this._tokens(), this._password()]),
      el(
        "div",
        { class: "account-foot" },
        this._button("Log out", () => this._leave()),
        this._button("Close", () => this.dialog.close()),
      ),
    );
  }

  _title() {
    return this.session.name === SHARED ? "Logged in with the shared token" : this.session.name;
  }

  /**
   * @param {string} words
   * @param {() => void} onclick
   */
  _button(words, onclick) {
    return el("button", { type: "button", class: "button", onclick }, words);
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    if (this.session.name !== SHARED) this._try(() => this._read());
  }

  _tokens() {
    const name = el("input", { name: "name", required: true, maxlength: 100, autocomplete: "off" });
    return el(
      "section",
      {},
      el("h3", {}, "Personal tokens for programs"),
      this.list,
      this.secret,
      this._form("Make a token", [["Name, such as laptop", name]], async () => {
        /** @type {MadeToken} */
        const { token } = await send("POST", "/tokens", { name: name.value });
        name.value = "";
        this.secret.replaceChildren(
          el("p", { class: "muted small" }, "Copy it now; it is not shown again:"),
          el("code", { class: "account-secret" }, token),
        );
        await this._read();
      }),
    );
  }

  async _read() {
    /** @type {ApiToken[]} */
    const tokens = await ask(`/tokens?user=${encodeURIComponent(this.session.name)}`);
    this.list.replaceChildren(...tokens.map(({ id, name, seen }) =>
      el(
        "li",
        {},
        el("span", {}, name),
        el(
          "span",
          { class: "muted small" },
          seen ? `used ${new Date(seen * 1000).toLocaleDateString()}` : "never used",
        ),
        el("button", {
          type: "button",
          class: "button button-quiet",
          onclick: () => this._try(() => this._revoke(id)),
        }, "Revoke"),
      )
    ));
  }

  /** @param {string} id */
  async _revoke(id) {
    await send("DELETE", `/tokens/${id}`);
    this.secret.replaceChildren();
    await this._read();
  }

  _password() {
    const old = el("input", { type: "password", autocomplete: "current-password", required: true });
    const now = el("input", { type: "password", autocomplete: "new-password", required: true, minlength: 8 });
    return el(
      "section",
      {},
      el("h3", {}, "Password"),
      this._form("Change password", [["Present password", old], ["New password", now]], async () => {
        await send("POST", "/session/password", { old: old.value, new: now.value });
        old.value = now.value = "";
        say(this.done, "Changed; all other sessions ended.");
      }),
      this.done,
    );
  }

  /**
   * @param {string} words on its button
   * @param {[string, HTMLInputElement][]} fields
   * @param {() => Promise<void>} act
   */
  _form(words, fields, act) {
    const labels = fields.map(([label, field]) => el("label", {}, label, field));
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this._try(act);
    };
    return el(
      "form",
      { class: "account-form", onsubmit },
      ...labels,
      el("button", { class: "button" }, words),
    );
  }

  async _leave() {
    await this._try(async () => {
      await send("DELETE", "/session");
      logIn();
    });
  }

  /** @param {() => Promise<void>} act */
  async _try(act) {
    this.problem.hidden = true;
    try {
      await act();
    } catch (error) {
      say(this.problem, misfits(error));
      this.problem.hidden = false;
    }
  }
}

/** Show who is logged in, where one has to log in. */
export async function showAccount() {
  const button = document.getElementById("account");
  if (!button || !button.hidden) return;
  /** @type {Session} */
  const session = await ask("/session");
  showRole(session.role);
  if (!session.name) return;
  say(button, session.name === SHARED ? "Log out" : session.name);
  button.hidden = false;
  button.onclick = () => new Account(session).open();
}
