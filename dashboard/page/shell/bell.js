/* The bell in the head: how many notices are new, and the panel with notices, alerts and what may be shown. */
import { el, refill, say } from "../lib/element.js";
import { Alerts } from "./alerts.js";
import { go } from "./navigate.js";
import { notices } from "./notices.js";
import { row } from "./toasts.js";

const WHY = {
  unavailable:
    "The browser shows notifications for pages with https or on this machine only. Here notices appear in the page.",
  denied:
    "Notifications are blocked for this page in the browser's settings. Until they are allowed there, notices appear in the page.",
  off: "Also when this page is in the background.",
  on: "Also when this page is in the background.",
};

class Bell {
  constructor(button) {
    this.button = button;
    this.list = el("ol", { class: "notices" });
    this.none = el(
      "div",
      { class: "empty small-empty" },
      el("h3", {}, "Nothing yet"),
      el("p", {}, "Runs that end, fail or lose their worker stand here, and alerts that fired."),
    );
    this.notices = el("div", {}, this.list, this.none, this._settings());
    this.alerts = new Alerts();
    this.tabs = [this._tab("Notices", this.notices), this._tab("Alerts", this.alerts.element)];
    this.panel = el(
      "div",
      { id: "bell-panel", class: "card", role: "dialog", "aria-label": "Notices and alerts", hidden: true },
      el(
        "div",
        { class: "segments", role: "group", "aria-label": "What to show" },
        ...this.tabs.map((tab) => tab.button),
      ),
      this.notices,
      this.alerts.element,
    );
    document.body.append(this.panel);
    button.setAttribute("aria-controls", "bell-panel");
    notices.changed = () => this.show();
    this.choose("Notices");
    this.show();
  }

  _tab(words, content) {
    const button = el(
      "button",
      { type: "button", class: "segment", onclick: () => this.choose(words) },
      words,
    );
    return { words, content, button };
  }

  choose(words) {
    for (const tab of this.tabs) {
      tab.content.hidden = tab.words !== words;
      tab.button.setAttribute("aria-pressed", String(tab.words === words));
    }
    if (words === "Alerts") this.alerts.read();
  }

  _settings() {
    this.browser = el("input", { type: "checkbox", onchange: () => this._turn() });
    this.why = el("p", { class: "muted small" });
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
      el("label", {}, completed, "Also of runs that complete"),
    );
  }

  async _turn() {
    await notices.browser.turn(this.browser.checked);
    this._state();
  }

  _completed(wanted) {
    notices.completed = wanted;
    this.show();
  }

  _state() {
    const { state } = notices.browser;
    this.browser.checked = state === "on";
    this.browser.disabled = state === "unavailable" || state === "denied";
    say(this.why, WHY[state]);
  }

  toggle(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.show();
    this._state();
    notices.see();
    this.tabs.find((tab) => !tab.content.hidden).button.focus();
  }

  /* The count on the bell, and the list while it is open. */
  show() {
    const { unread, list } = notices;
    const count = document.getElementById("bell-count");
    count.hidden = !unread;
    say(count, unread > 9 ? "9+" : String(unread));
    this.button.setAttribute(
      "aria-label",
      unread ? `Notices and alerts, ${unread} new` : "Notices and alerts",
    );
    if (this.panel.hidden) return;
    this.none.hidden = list.length > 0;
    refill(this.list, list.map((one) => el("li", { "data-key": one.key }, ...row(one))), "key");
  }
}

let bell = null;
const there =
  () => (bell = bell ?? (document.getElementById("bell") ? new Bell(document.getElementById("bell")) : null));

/* The form of a new alert, for this run. */
export function alertForm(run) {
  there().toggle(true);
  bell.choose("Alerts");
  bell.alerts.prepare(run);
}

function outside(target) {
  return bell && !bell.panel.hidden && target.isConnected && !bell.panel.contains(target) &&
    !target.closest("#bell, #toasts, [data-action='alert']");
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#bell")) there().toggle();
  else if (
    event.target instanceof Element && (outside(event.target) || event.target.closest("#bell-panel a"))
  ) bell.toggle(false);
  const link = event.target.closest?.("#bell-panel a, #toasts a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest(".toast")?.remove();
  go(link.getAttribute("href"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !bell || bell.panel.hidden) return;
  bell.toggle(false);
  bell.button.focus();
});

/* Dash draws the head once it has loaded. */
const waiting = new MutationObserver(() => there() && waiting.disconnect());
waiting.observe(document, { childList: true, subtree: true });
