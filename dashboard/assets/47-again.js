/* Links from runs to what can be made of them: the same specification in the form, a report to keep. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el } = rhoscope;

  /* Opens the launch form with a run's specification. */
  rhoscope.again = (id) =>
    el("a", { class: "button button-quiet again", href: `/?from=${encodeURIComponent(id)}`, title: "Open the form filled in as this run", "aria-label": "Launch again" }, rhoscope.icon("again"), el("span", {}, "Launch again"));

  /* The report is of the runs that the page shows when it is asked for. */
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("#watch-report");
      if (link) link.href = `/api/v1/report?runs=${rhoscope.address.list("runs").map(encodeURIComponent).join(",")}`;
    },
    true,
  );
})();
