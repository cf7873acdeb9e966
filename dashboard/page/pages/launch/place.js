/* Where the launch form stands: a card beside the runs. Dash, which renders it, begins once they are seen. */
import { again, begin, ready, show } from "../../dash.js";
import { el } from "../../lib/element.js";
import { Idle } from "../../lib/idle.js";
import { complain } from "../../shell/banner.js";

const PATIENCE_MS = 1000; /* the form does not wait longer for the runs, which its program would hold up */
const LATE_MS = 1500; /* a form that is not there by then is asked for again */
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

let late = 0;

/* Of visits that follow each other quickly Dash may show an earlier one's form, which is none. */
function insist() {
  clearTimeout(late);
  late = setTimeout(() => {
    if (document.getElementById("launch-form")) return;
    if (ready()) again();
    insist();
  }, LATE_MS);
}

/** The form is put away. */
export function putFormAway() {
  clearTimeout(late);
  show(null);
}

/**
 * Bring the form.
 * @param {Promise<unknown>} seen the runs are
 */
export async function bringForm(seen) {
  insist();
  await Promise.race([seen, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  const missed = () => complain("The launch form can’t be loaded. Reload the page to try again.");
  requestAnimationFrame(() => new Idle().ask(() => begin(missed)));
}
