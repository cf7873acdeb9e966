/* Settings that differ from their defaults: marked, written into the address, and set back. */
import { setProps } from "../../dash.js";
import { say } from "../../lib/element.js";
import { address } from "../../shell/address.js";
import { addressOf } from "./address.js";
import { field } from "./form.js";

const ALSO = "also."; /* fields that add a strategy, fusion or data set to the chosen one */
const state = { touched: false }; /* the address is a reader's until something in the form is */

/** The form was touched: from now on the address says what differs. */
export const touch = () => {
  state.touched = true;
};

/** Another page was opened. */
export const forgetChanges = () => {
  state.touched = false;
};

/**
 * Show which settings differ from their defaults.
 * @param {Record<string, string>} changed their texts by name
 */
export function showChanges(changed) {
  /** @type {NodeListOf<HTMLElement>} */
  const settings = document.querySelectorAll("#launch-form .setting");
  for (const setting of settings) {
    const differs = (setting.dataset.setting ?? "") in changed;
    setting.toggleAttribute("data-changed", differs);
    setting.querySelector(".reset")?.toggleAttribute("hidden", !differs);
  }
  count("search-count", spaceOf(changed), "searched");
  count("also-count", Object.keys(changed).filter((name) => name.startsWith(ALSO)).length, "added");
  count(
    "changed-settings",
    document.querySelectorAll("#all-settings .setting[data-changed]").length,
    "changed",
  );
  if (!state.touched) return;
  address.set({ from: "", set: addressOf(changed) });
}

/**
 * How many settings are searched: a line of the space each.
 * @param {Record<string, string>} changed
 */
const spaceOf = (changed) => (changed["search.space"] ?? "").split("\n").filter((line) => line.trim()).length;

/**
 * Say how many there are beside the head of a fold.
 * @param {string} id
 * @param {number} n
 * @param {string} words
 */
function count(id, n, words) {
  const place = document.getElementById(id);
  if (place) say(place, n ? `${n} ${words}` : "");
}

/** @param {HTMLElement} button */
function reset({ dataset: { reset: name = "", default: text = "" } }) {
  const input = field(name);
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return;
  setProps(input.id, input.type === "checkbox" ? { checked: text === "true" } : { value: text });
  touch();
  input.focus();
}

/** @param {HTMLElement} button that adds a plug-in */
function add({ dataset: { preset = "" } }) {
  const box = field(preset);
  if (!(box instanceof HTMLInputElement)) return;
  setProps(box.id, { checked: true });
  touch();
}

document.addEventListener("click", ({ target }) => {
  const preset = target instanceof Element ? target.closest("#launch-form [data-preset]") : null;
  if (preset instanceof HTMLElement) add(preset);
  const button = target instanceof Element ? target.closest("#launch-form .reset") : null;
  if (button instanceof HTMLElement) reset(button);
});
