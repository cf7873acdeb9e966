/* Where the launch form stands: a card beside the runs. Dash, which renders it, begins once they are seen. */
import { begin, show } from "../../dash.js";
import { el } from "../../lib/element.js";
import { complain } from "../../shell/banner.js";

const PATIENCE_MS = 600; /* the form does not wait longer for the runs */
const FIELDS = 6; /* that are sketched until the form is there */

/** The card. */
export function formCard() {
  const sketch = Array.from({ length: FIELDS }, () => el("div", { class: "form-sketch" }));
  const place = el("div", { class: "form-place" }, ...sketch);
  show(place);
  return el(
    "section",
    { class: "card launch-card", "aria-labelledby": "launch-title" },
    el("h2", { id: "launch-title" }, "Launch"),
    place,
  );
}

/** The form is put away. */
export const putFormAway = () => show(null);

/**
 * Bring the form.
 * @param {Promise<unknown>} ready the runs are seen
 */
export async function bringForm(ready) {
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  requestAnimationFrame(() =>
    setTimeout(begin, 0, () => complain("The launch form can’t be loaded. Reload the page to try again."))
  );
}
