/* A button that copies a text, also where the page has no https. */
import { el, say } from "./element.js";

const SAID_MS = 2000;

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser refuses to copy.");
}

/* `text()` gives what is copied. */
export function copyButton(words, text) {
  const label = el("span", {}, words);
  const button = el("button", { type: "button", class: "button button-quiet", "data-action": "copy" }, label);
  button.addEventListener("click", async () => {
    try {
      await write(text());
      say(label, "Copied");
    } catch (error) {
      say(label, "Can't copy");
      button.title = error.message;
    }
    setTimeout(() => say(label, words), SAID_MS);
  });
  return button;
}
