/* Light, dark, or as the system: kept where Mantine keeps it, applied to the whole document. */
import { setProps } from "../dash.js";

const KEY = "mantine-color-scheme-value";

function scheme() {
  let saved = null;
  try {
    saved = localStorage.getItem(KEY);
  } catch {
    saved = null;
  }
  return ["light", "dark"].includes(saved) ? saved : "auto";
}

export function apply() {
  const chosen = scheme();
  const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const computed = dark ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", computed);
  if (document.getElementById("page")) setProps("mantine", { forceColorScheme: computed });
  for (const button of document.querySelectorAll("[data-scheme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.scheme === chosen));
  }
}

/* The scheme that a click on a button means; a phone shows the present one's alone, which leads to the next. */
function chosenBy(button) {
  const all = [...button.parentElement.children].map((one) => one.dataset.scheme);
  const alone = matchMedia("(max-width: 640px)").matches;
  return alone ? all[(all.indexOf(button.dataset.scheme) + 1) % all.length] : button.dataset.scheme;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-scheme]");
  if (!button) return;
  try {
    localStorage.setItem(KEY, chosenBy(button));
  } catch {
    /* a browser that stores nothing forgets the choice, no more */
  }
  apply();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
