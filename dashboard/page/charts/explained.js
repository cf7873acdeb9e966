/* What a card shows, as its formula and as words: a button in its head, and the panel over it. */
import { el, icon } from "../lib/element.js";

/* {button, panel} of a card called `name`; `parts`: [{title, formula, help, unit}]. Escape inside `element` closes. */
export function explained(name, title, parts) {
  const part = ({ title: head, formula, help, unit }) =>
    el(
      "section",
      {},
      el("h4", {}, head),
      el("code", { class: "formula" }, formula),
      el("p", {}, help),
      unit && unit !== "1" ? el("p", { class: "muted" }, `Unit: ${unit}`) : null,
    );
  const panel = el("div", { class: "about", id: `about-${name}`, hidden: true }, ...parts.map(part));
  const turn = () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  };
  const button = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      "aria-label": `About ${title}`,
      title: "Formula, and how to read it",
      onclick: turn,
    },
    icon("info"),
  );
  const closes = (element) =>
    element.addEventListener("keydown", (key) => key.key === "Escape" && !panel.hidden && turn());
  return { button, panel, closes };
}
