/* Settings that differ from their defaults: marked, written into the address, and set back. */
import { setProps } from "../../dash.js";
import { say } from "../../lib/element.js";
import { address } from "../../shell/address.js";
import { addressOf } from "./address.js";
import { field } from "./form.js";

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
  const count = document.getElementById("changed-settings");
  const folded = document.querySelectorAll("#all-settings .setting[data-changed]").length;
  if (count) say(count, folded ? `${folded} changed` : "");
  if (!state.touched) return;
  address.set({ from: "", set: addressOf(changed) });
}

/** @param {HTMLElement} button */
function reset({ dataset: { reset: name = "", default: text = "" } }) {
  const input = field(name);
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return;
  setProps(input.id, input.type === "checkbox" ? { checked: text === "true" } : { value: text });
  touch();
  input.focus();
}

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("#launch-form .reset") : null;
  if (button instanceof HTMLElement) reset(button);
});
