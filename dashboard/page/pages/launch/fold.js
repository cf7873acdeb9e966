/* The launch form beside the table of runs can be put away, which is remembered; on a phone it is, until asked for. */
import { el, say } from "../../lib/element.js";
import { address } from "../../shell/address.js";

const KEY = "rhoscope-launch-form";
const FILLED = ["from", "set"]; /* an address that says what stands in the form */

/* {button, open()}. */
export function formFold() {
  const page = document.querySelector(".launch-page");
  const phone = matchMedia("(max-width: 640px)").matches;
  const button = el("button", {
    type: "button",
    class: "button button-quiet form-button",
    onclick: () => turn(),
  });

  const show = (open) => {
    page.classList.toggle("form-away", !open);
    button.setAttribute("aria-expanded", String(open));
    say(button, open ? "Hide the form" : phone ? "Launch a run" : "Show the form");
  };

  function turn() {
    const open = page.classList.contains("form-away");
    show(open);
    store(open ? "" : "away");
    if (open && phone) page.scrollIntoView({ block: "start" });
  }

  show(FILLED.some((name) => address.get(name)) || (!phone && stored() !== "away"));
  return { button, open: () => page.classList.contains("form-away") && phone && show(true) };
}

function stored() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function store(text) {
  try {
    localStorage.setItem(KEY, text);
  } catch {
    /* a browser that stores nothing forgets the choice, no more */
  }
}
