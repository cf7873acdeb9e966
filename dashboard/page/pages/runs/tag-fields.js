/* The fields of the dialog that adds a tag to many runs, or removes it. */
import { el } from "../../lib/element.js";

/** @import { Body } from "./bulk.js" */

/**
 * `body` reads the fields; null, and a mark on the field, while there is no tag.
 * @param {string[]} tags of the runs, to choose from
 * @returns {{ element: HTMLElement, body: () => Body | null }}
 */
export function tagFields(tags) {
  const known = el(
    "datalist",
    { id: "known-tags" },
    ...[...new Set(tags)].sort().map((tag) => el("option", { value: tag })),
  );
  const field = el("input", {
    type: "text",
    class: "text-field",
    maxlength: 200,
    list: "known-tags",
    "aria-label": "Tag",
    placeholder: "Tag",
    autocomplete: "off",
    autofocus: true,
  });
  const change = el(
    "select",
    { class: "select", "aria-label": "Add or remove" },
    el("option", { value: "add" }, "Add"),
    el("option", { value: "remove" }, "Remove"),
  );
  return {
    element: el("div", { class: "tag-fields" }, change, field, known),
    body() {
      const tag = field.value.trim();
      field.setAttribute("aria-invalid", String(!tag));
      if (!tag) field.focus();
      return tag ? { act: "tag", [change.value]: [tag] } : null;
    },
  };
}
