/* Copying a text, also where the page is not served over https. */
import { el, say } from "./element.js";
import { reason } from "./reason.js";

const SHOWN_MS = 2000;

/**
 * Write a text to the clipboard. Browsers allow it on secure origins only; elsewhere a hidden field is
 * selected and copied.
 * @param {string} text
 * @returns {Promise<void>} rejected with the reason when the browser refuses
 */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser does not allow copying.");
}

/**
 * A button that copies what `text()` gives.
 * @param {string} words
 * @param {() => string} text
 */
export function copyButton(words, text) {
  const label = el("span", {}, words);
  const button = el("button", { type: "button", class: "button button-quiet", "data-action": "copy" }, label);
  button.addEventListener("click", async () => {
    try {
      await copyText(text());
      say(label, "Copied");
    } catch (error) {
      say(label, "Can't copy");
      button.title = reason(error);
    }
    setTimeout(() => say(label, words), SHOWN_MS);
  });
  return button;
}
