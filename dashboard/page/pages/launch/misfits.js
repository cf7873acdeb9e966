/* What does not fit, as messages at the fields of the form. */
import { setProps } from "../../dash.js";
import { field, PREFIX } from "./form.js";

/** @type {Map<string, string>} */
let marked = new Map();

/**
 * Show messages at the fields they name; a field that is mended loses its own.
 * @param {Record<string, string>} misfits
 */
export function mark(misfits) {
  const messages = new Map(Object.entries(misfits).filter(([name]) => field(name)));
  for (const name of marked.keys()) {
    if (!messages.has(name) && field(name)) setProps(PREFIX + name, { error: null });
  }
  for (const [name, error] of messages) if (marked.get(name) !== error) setProps(PREFIX + name, { error });
  marked = messages;
}

/** Go to the first field that has a message. */
export function goToMisfit() {
  const [name] = marked.keys();
  const first = name === undefined ? null : field(name);
  const group = first?.closest("details");
  if (group) group.open = true;
  first?.focus();
}
