/* The bell in the head: how many notices are new, and its panel of notices, alerts and preferences. */
import { el, refill, say } from "../lib/element.js";
import { Alerts } from "./alerts.js";
import { behind } from "./behind.js";
import { Channels } from "./channels.js";
import { go } from "./navigate.js";
import { notices } from "./notices.js";
import { notifications } from "./notifications.js";
import { row } from "./toasts.js";

/** @import { Run } from "../api/schema.d.ts" */

const WHY = {
  unavailable: "Browsers show notifications only for pages served over https or from this machine. " +
    "Notices appear in the page instead.",
  denied: "Notifications are blocked for this page in the browser's settings. " +
    "Until you allow them there, notices appear in the page.",
  off: "Even when this page is in the background.",
  on: "Even when this page is in the background.",
};

class Bell {
  /** @param {HTMLButtonElement} button */
  constructor(button) {
    this.button = button;
    this.list = el("ol", { class: "notices" });
    this.none = el(
      "div",
      { class: "empty small-empty" },
      el("h3", {}, "Nothing yet"),
      el("p", {}, "Runs that end, fail or lose their worker appear here, as do alerts that fire."),
    );
    this.browser = el("input", { type: "checkbox", onchange: () => this._turn() });
    this.why = el("p", { class: "muted small" });
    const news = el("div", {}, this.list, this.none, this._settings());
    this.alerts = new Alerts();
    this.channels = new Channels();
    this.tabs = [
      this._tab("Notices", news),
      this._tab("Alerts", this.alerts.element),
      this._tab("Channels", this.channels.element),
    ];
    this.panel = el(
      "div",
      {
        id: "bell-panel",
        class: "card",
        popover: "auto",
        role: "dialog",
        "aria-label": "Notices and alerts",
        onbeforetoggle: (/** @type {ToggleEvent} */ { newState }) => this._toggled(newState === "open"),
      },
      el(
        "div",
        { class: "segments", role: "group", "aria-label": "What to show" },
        ...this.tabs.map((tab) => tab.button),
      ),
      news,
      this.alerts.element,
      this.channels.element,
    );
    document.body.append(this.panel);
    button.popoverTargetElement = this.panel;
    button.setAttribute("aria-controls", "bell-panel");
    notices.changed = () => this.show();
    this.choose("Notices");
    this.show();
  }

  get open() {
    return this.panel.matches(":popover-open");
  }

  /**
   * @param {string} words
   * @param {HTMLElement} content
   */
  _tab(words, content) {
    const button = el(
      "button",
      { type: "button", class: "segment", "data-tab": words, onclick: () => this.choose(words) },
      words,
    );
    return { words, content, button };
  }

  /**
   * Show a tab; it has the focus when the panel opens.
   * @param {string} words
   */
  choose(words) {
    for (const tab of this.tabs) {
      tab.content.hidden = tab.words !== words;
      tab.button.autofocus = tab.words === words;
      tab.button.setAttribute("aria-pressed", String(tab.words === words));
    }
    if (words === "Alerts") this.alerts.read();
    if (words === "Channels") this.channels.read();
  }

  _settings() {
    const completed = el("input", {
      type: "checkbox",
      checked: notices.completed,
      onchange: () => this._completed(completed.checked),
    });
    return el(
      "div",
      { class: "bell-settings" },
      el("label", {}, this.browser, "Browser notifications"),
      this.why,
      el("label", {}, completed, "Notify when runs complete"),
    );
  }

  async _turn() {
    await notifications.turn(this.browser.checked);
    this._state();
  }

  /** @param {boolean} announced */
  _completed(announced) {
    notices.completed = announced;
    this.show();
  }

  _state() {
    const { state } = notifications;
    this.browser.checked = state === "on";
    this.browser.disabled = state === "unavailable" || state === "denied";
    say(this.why, WHY[state]);
  }

  /** @param {boolean} open */
  _toggled(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this._fill();
    this._state();
    notices.see();
  }

  /** Show the count on the bell, and the list while it is open. */
  show() {
    const unread = notices.unread.length;
    const alarming = notices.unread.some(({ tone }) => tone === "bad" || tone === "warn");
    const count = document.getElementById("bell-count");
    if (count) {
      count.hidden = !unread;
      count.dataset.tone = alarming ? "bad" : "plain";
      say(count, unread > 9 ? "9+" : String(unread));
    }
    this.button.setAttribute(
      "aria-label",
      unread ? `Notices and alerts, ${unread} new` : "Notices and alerts",
    );
    if (this.open) this._fill();
  }

  _fill() {
    const { list } = notices;
    this.none.hidden = list.length > 0;
    refill(this.list, list.map((notice) => el("li", { "data-key": notice.key }, ...row(notice))), "key");
  }

  /**
   * Open the form of a new alert.
   * @param {Run} run whose series it offers
   */
  alertForm(run) {
    if (!this.open) this.panel.showPopover();
    this.choose("Alerts");
    this.alerts.prepare(run);
  }
}

/** @type {Bell | null} */
let bell = null;

function present() {
  const button = document.getElementById("bell");
  if (!bell && button instanceof HTMLButtonElement) bell = new Bell(button);
  return bell;
}

/**
 * Open the form of a new alert for a run.
 * @param {Run} run
 */
export const alertForm = (run) => present()?.alertForm(run);

/* Links of notices open their page in this tab, unless a key says otherwise. */
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("#bell-panel a, #toasts a") : null;
  if (link instanceof HTMLAnchorElement) follow(link, event);
});

/**
 * @param {HTMLAnchorElement} link
 * @param {MouseEvent} event
 */
function follow(link, event) {
  if (bell?.panel.contains(link)) bell.panel.hidePopover();
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest(".toast")?.remove();
  go(link.getAttribute("href") ?? "/");
}

/* Escape closes the panel wherever the focus is, and leads back to the bell. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !bell?.open) return;
  bell.panel.hidePopover();
  bell.button.focus();
});

behind("bell", present);
