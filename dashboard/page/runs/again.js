/* Links from runs to what can be made of them: the same specification in the form, a report to keep. */
import { el, icon } from "../lib/element.js";
import { address } from "../shell/address.js";

/* Opens the launch form with a run's specification. */
export const again = (id) =>
  el(
    "a",
    {
      class: "button button-quiet again",
      href: `/?from=${encodeURIComponent(id)}`,
      title: "Open the form filled in as this run",
      "aria-label": "Launch again",
    },
    icon("again"),
    el("span", {}, "Launch again"),
  );

/* The report is of the runs that the page shows when it is asked for. */
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("#watch-report");
    if (link) link.href = `/api/v1/report?runs=${address.list("runs").map(encodeURIComponent).join(",")}`;
  },
  true,
);
