/* The launch form beside the table of runs can be put away, which is remembered;
   on a phone it is away at first. */
import { el, say } from "../../lib/element.js";
import { store, stored } from "../../lib/storage.js";
import { address } from "../../shell/address.js";

const KEY = "rhoscope-launch-form";
const FILLED = ["from", "set"]; /* an address with one of these fills in the form */

/**
 * The button that puts the form away or shows it; `open()`, which shows it on a phone; and `wanted`, which
 * holds once its program is worth reading: a form that somebody has put away is read when they show it again.
 */
export function formFold() {
  /** @type {PromiseWithResolvers<void>} */
  const { promise: wanted, resolve: want } = Promise.withResolvers();
  const page = document.querySelector(".launch-page");
  const phone = matchMedia("(max-width: 640px)").matches;
  const button = el("button", {
    type: "button",
    class: "button button-quiet form-button",
    onclick: () => turn(),
  });
  const away = () => page?.classList.contains("form-away") ?? false;

  /** @param {boolean} open */
  const show = (open) => {
    page?.classList.toggle("form-away", !open);
    if (open || phone) want();
    button.setAttribute("aria-expanded", String(open));
    say(button, open ? "Hide the form" : phone ? "Launch a run" : "Show the form");
  };

  function turn() {
    const open = away();
    show(open);
    store(KEY, open ? "" : "away");
    if (open && phone) page?.scrollIntoView({ block: "start" });
  }

  show(FILLED.some((name) => address.get(name)) || (!phone && stored(KEY) !== "away"));
  return {
    button,
    wanted,
    open: () => {
      if (phone && away()) show(true);
    },
  };
}
