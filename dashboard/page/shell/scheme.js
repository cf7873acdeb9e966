/* Light, dark, or the system's choice: kept where Mantine keeps it, applied to the whole document. */
import { ready, setProps } from "../dash.js";
import { store, stored } from "../lib/storage.js";

const KEY = "mantine-color-scheme-value";
const dark = matchMedia("(prefers-color-scheme: dark)");
const phone = matchMedia("(max-width: 640px)");

function scheme() {
  const saved = stored(KEY);
  return ["light", "dark"].includes(saved) ? saved : "auto";
}

/** Show the document in the chosen scheme. */
export function apply() {
  const chosen = scheme();
  const computed = chosen === "dark" || (chosen === "auto" && dark.matches) ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", computed);
  if (ready()) setProps("mantine", { forceColorScheme: computed });
  for (const button of buttons(document)) {
    button.setAttribute("aria-pressed", String(button.dataset.scheme === chosen));
  }
}

/**
 * @param {ParentNode | null} holder
 * @returns {HTMLElement[]}
 */
const buttons = (holder) => [...(holder?.querySelectorAll("[data-scheme]") ?? [])].filter(isElement);

/**
 * @param {unknown} one
 * @returns {one is HTMLElement}
 */
const isElement = (one) => one instanceof HTMLElement;

/**
 * The scheme that a click on a button means. A phone shows only the button of the present one, which leads to
 * the next.
 * @param {HTMLElement} button
 */
function chosenBy(button) {
  const all = buttons(button.parentElement).map((one) => one.dataset.scheme ?? "");
  const own = button.dataset.scheme ?? "";
  return phone.matches ? all[(all.indexOf(own) + 1) % all.length] : own;
}

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-scheme]") : null;
  if (!isElement(button)) return;
  store(KEY, chosenBy(button));
  apply();
});
dark.addEventListener("change", apply);
