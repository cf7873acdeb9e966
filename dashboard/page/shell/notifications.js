/* Notifications of the browser itself: permitted by a click only. */
import { store, stored } from "../lib/storage.js";
import { go } from "./navigate.js";

/** @import { Notice } from "./notice.js" */

const KEY = "rhoscope-notify";

/** Whether the browser shows notices, and showing one. */
export const notifications = {
  /** @returns {"on" | "off" | "denied" | "unavailable"} */
  get state() {
    if (!globalThis.isSecureContext || !("Notification" in globalThis)) return "unavailable";
    if (Notification.permission === "denied") return "denied";
    return Notification.permission === "granted" && stored(KEY) === "on" ? "on" : "off";
  },

  /** @param {boolean} on */
  async turn(on) {
    if (on && (await Notification.requestPermission()) !== "granted") return;
    store(KEY, on ? "on" : "off");
  },

  /** @param {Notice} notice */
  show({ title, words, key, href }) {
    if (this.state !== "on") return;
    try {
      const shown = new Notification(title, { body: words, tag: key });
      shown.onclick = () => {
        globalThis.focus();
        go(href);
        shown.close();
      };
    } catch {
      store(KEY, "off"); /* a phone's browser that has them for installed pages only */
    }
  },
};
