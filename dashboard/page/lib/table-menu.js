/* A button that copies a table as LaTeX, Markdown or CSV. */
import { copyText } from "./clipboard.js";
import { el, say } from "./element.js";
import { menuButton } from "./menu.js";
import { reason } from "./reason.js";
import { csv, latex, markdown } from "./tabular.js";

/** @import { Tabular } from "./tabular.js" */

const SHOWN_MS = 2500;
const WORDS = "Copy table";
/** @type {[string, (table: Tabular) => string][]} */
const FORMATS = [["LaTeX", latex], ["Markdown", markdown], ["CSV", csv]];

/**
 * @param {() => Tabular | Promise<Tabular>} table what is copied
 * @param {string} [of] what table it is, for those who hear the page
 */
export function tableMenu(table, of = "") {
  const label = el("span", { role: "status" }, WORDS);
  const button = menuButton(
    { class: "button button-quiet", "data-action": "copy-table", "aria-label": `${WORDS} ${of}`.trim() },
    [label],
    () => FORMATS.map(([name, write]) => ({ text: `As ${name}`, act: () => copy(name, write) })),
  );
  /**
   * @param {string} name
   * @param {(table: Tabular) => string} write
   */
  async function copy(name, write) {
    try {
      await copyText(write(await table()));
      say(label, `Copied as ${name}`);
    } catch (error) {
      say(label, "Can't copy");
      button.title = reason(error);
    }
    setTimeout(() => say(label, WORDS), SHOWN_MS);
  }
  return button;
}
