/* Links from runs to what they lead to: the launch form with the same specification, and a report to keep. */
import { within } from "../lib/prefix.js";
import { el, icon } from "../lib/element.js";
import { address } from "../shell/address.js";

/**
 * A link to the launch form, filled in with a run's specification.
 * @param {string} id
 */
export const again = (id) =>
  el(
    "a",
    {
      class: "button button-quiet again",
      href: `/?from=${encodeURIComponent(id)}`,
      title: "Open the launch form with this run's settings",
      "aria-label": "Launch again",
    },
    icon("again"),
    el("span", {}, "Launch again"),
  );

/* The report covers the runs that the page shows at the moment of the click. */
document.addEventListener(
  "click",
  ({ target }) => {
    const link = target instanceof Element ? target.closest("#watch-report") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    link.href = within(`/api/v1/report?runs=${address.list("runs").map(encodeURIComponent).join(",")}`);
  },
  true,
);
