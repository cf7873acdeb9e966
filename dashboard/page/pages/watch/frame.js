/* The frame of the Watch page; what moves is drawn into its parts. */
import { el } from "../../lib/element.js";
import { rootOf } from "../../shell/root.js";

const SMOOTHING =
  "Centered: each point is averaged with those before and after it. k and the learning rate never are.";

const report = () =>
  el("a", {
    id: "watch-report",
    href: "/api/v1/report",
    download: true,
    title: "These runs as one self-contained HTML page",
    class: "button button-quiet again",
  }, "Report");

const toolbar = () =>
  el(
    "div",
    { id: "watch-toolbar", class: "toolbar" },
    el("div", { id: "watch-focus" }),
    report(),
    el("label", { id: "watch-smoothing", class: "toolbar-item", title: SMOOTHING }),
    el("div", { id: "watch-view", class: "toolbar-view" }),
  );

const nobody = () =>
  el(
    "div",
    { class: "watch-nothing empty" },
    el("h3", {}, "No run selected"),
    el("p", {}, "Select one or more in the list of runs to watch them together."),
    el("a", { href: "/", class: "text-link" }, "Go to the runs"),
  );

/** The whole frame. */
export const frame = () =>
  rootOf(
    { id: "watch", class: "page" },
    "Watch",
    el("div", { id: "watch-runs", class: "run-chips" }),
    toolbar(),
    el(
      "p",
      { id: "watch-waiting", class: "empty", hidden: true },
      "The charts appear with a run's first step.",
    ),
    el("h2", { class: "visually-hidden" }, "Charts"),
    el("div", { id: "watch-charts", class: "charts" }),
    el(
      "details",
      { id: "watch-more-group", class: "more", hidden: true },
      el("summary", {}, "More charts"),
      el("div", { id: "watch-more", class: "charts" }),
    ),
    el("div", { id: "watch-panels" }),
    nobody(),
  );
