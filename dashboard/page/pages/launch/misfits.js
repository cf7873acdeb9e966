/* What does not fit, as messages at the fields of the form. */
import { setProps } from "../../dash.js";
import { field, PREFIX, showAll } from "./form.js";

/** @type {Map<string, string>} */
let marked = new Map();
let sought = false; /* whether to go to the first message as soon as its field is there */

/**
 * Show messages at the fields they name; a field that is mended loses its own.
 * @param {Record<string, string>} misfits
 */
export function mark(misfits) {
  const names = Object.keys(misfits);
  if (!names.every(field)) showAll();
  sought &&= names.length > 0;
  show(new Map(Object.entries(misfits).filter(([name]) => field(name))));
  if (sought && marked.size > 0) goToMisfit(misfits);
}

/** @param {Map<string, string>} messages at fields that are in the page */
function show(messages) {
  for (const name of marked.keys()) {
    if (!messages.has(name) && field(name)) setProps(PREFIX + name, { error: null });
  }
  for (const [name, error] of messages) if (marked.get(name) !== error) setProps(PREFIX + name, { error });
  marked = messages;
}

/**
 * Go to the first field that has a message, now or once it is in the page.
 * @param {Record<string, string>} misfits
 */
export function goToMisfit(misfits) {
  const [name] = marked.keys();
  const first = name === undefined ? null : field(name);
  sought = !first && Object.keys(misfits).length > 0;
  const group = first?.closest("details");
  if (group) group.open = true;
  first?.focus();
}
