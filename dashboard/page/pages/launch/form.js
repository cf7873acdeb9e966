/* The launch form as the server gets it: the text of every field. */

import { setProps } from "../../dash.js";

export const PREFIX = "setting-"; /* of the fields' ids */
export const ALL = "all-settings-shown"; /* Dash's store of whether the folded settings are in the page */
const FIELDS = `#launch-form input[id^="${PREFIX}"], #launch-form textarea[id^="${PREFIX}"]`;

/**
 * The plug-ins that are chosen, as Dash knows them.
 * @typedef {{ dataset?: string, fusion?: string, strategy?: string, program?: string }} Plugins
 */

/**
 * The field of a setting.
 * @param {string} name
 */
export const field = (name) => document.getElementById(PREFIX + name);

/**
 * The text of every field by the setting's name; a switch is "true" or "false".
 * @param {Plugins} [plugins]
 * @returns {Record<string, string>}
 */
export function typed(plugins = {}) {
  /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */
  const fields = document.querySelectorAll(FIELDS);
  const texts = [...fields].map((one) => [
    one.id.slice(PREFIX.length),
    one.type === "checkbox" && "checked" in one ? String(one.checked) : one.value,
  ]);
  return { ...Object.fromEntries(texts), ...plugins };
}

/** Bring the folded settings into the page, once. */
export function showAll() {
  if (!document.querySelector("#all-settings .setting")) setProps(ALL, { data: true });
}

/** Bring the choices of what else to launch into the page, once. */
function showChoices() {
  if (!document.querySelector("#also-choices [data-preset]")) setProps("also-shown", { data: Date.now() });
}

document.addEventListener("toggle", ({ target }) => {
  if (!(target instanceof HTMLDetailsElement) || !target.open) return;
  if (target.id === "all-settings-group") showAll();
  if (target.id === "also-group") showChoices();
}, { capture: true }); /* a toggle does not bubble */

document.addEventListener("keydown", ({ target, key }) => {
  if (key !== "Enter" || !(target instanceof HTMLInputElement)) return;
  const plain = target.type === "text" && !target.getAttribute("aria-haspopup");
  if (plain && target.matches(FIELDS)) document.getElementById("launch")?.click();
});
