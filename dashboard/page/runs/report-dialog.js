/* A report of several runs, with a title and a note of its author. */
import { el } from "../lib/element.js";
import { within } from "../lib/prefix.js";

/** @typedef {{ runs?: string[], sweep?: string, by?: string[], baseline?: string }} Reported */

/**
 * The address of the report.
 * @param {Reported} reported
 * @param {{ title: string, note: string }} words
 */
export function reportAddress({ runs = [], sweep = "", by = [], baseline = "" }, words) {
  const query = { runs: sweep ? "" : runs.join(","), sweep, by: by.join(","), baseline, ...words };
  const given = Object.entries(query).filter(([, value]) => value);
  return `/api/v1/report?${new URLSearchParams(given)}`;
}

/**
 * A button that asks for title and note, and saves the report.
 * @param {() => Reported} reported
 * @param {() => string} title what is proposed
 */
export const reportButton = (reported, title) =>
  el("button", {
    type: "button",
    class: "button",
    "data-action": "report",
    title: "Results, methods, settings and curves as one self-contained HTML page",
    onclick: () => open(reported(), title()),
  }, "Report");

/**
 * @param {Reported} reported
 * @param {string} proposed
 */
function open(reported, proposed) {
  const title = el("input", { type: "text", id: "report-title", class: "text-field", maxlength: 200 });
  title.value = proposed;
  const note = el("textarea", { id: "report-note", class: "text-field", rows: 5, maxlength: 5000 });
  const cancel = el("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "report-heading" }, "Report"),
    el("p", { class: "muted" }, "One HTML page with results first, methods, settings and curves."),
    el("label", { for: "report-title" }, "Title"),
    title,
    el("label", { for: "report-note" }, "Your note"),
    note,
    el(
      "div",
      { class: "dialog-end" },
      cancel,
      el("button", { type: "submit", class: "button button-strong" }, "Save the report"),
    ),
  );
  const dialog = el(
    "dialog",
    {
      class: "card bulk-dialog report-dialog",
      "aria-labelledby": "report-heading",
      onclose: () => dialog.remove(),
    },
    form,
  );
  form.addEventListener(
    "submit",
    () => save(reported, { title: title.value.trim(), note: note.value.trim() }),
  );
  document.body.append(dialog);
  dialog.showModal();
  title.select();
}

/**
 * @param {Reported} reported
 * @param {{ title: string, note: string }} words
 */
function save(reported, words) {
  const link = el("a", { href: within(reportAddress(reported, words)), download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
