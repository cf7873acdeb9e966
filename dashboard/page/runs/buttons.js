import { send } from "../api/ask.js";
import { el, icon, say } from "../lib/element.js";

const LONG_S = 600; /* a run older than this is stopped by a second click only */

/* A button that asks again before it ends hours of work. */
export function stopButton(getRun, failed) {
  let armed = 0;
  const button = el(
    "button",
    {
      type: "button",
      class: "button button-quiet stop",
      "data-action": "stop",
      title: "Stop at the next step",
      "aria-label": "Stop",
    },
    icon("stop"),
    el("span", {}, "Stop"),
  );
  const word = button.lastChild;
  const ask = (text) => {
    say(word, text);
    button.setAttribute("aria-label", text);
  };
  button.addEventListener("click", async (click) => {
    click.stopPropagation();
    const run = getRun();
    const age = run.started ? Date.now() / 1000 - run.started : 0;
    if (age > LONG_S && Date.now() - armed > 4000) {
      armed = Date.now();
      ask("Stop now?");
      button.classList.add("armed");
      setTimeout(() => {
        ask("Stop");
        button.classList.remove("armed");
      }, 4000);
      return;
    }
    button.disabled = true;
    try {
      await send("POST", `/runs/${run.id}/stop`);
    } catch (error) {
      failed(error);
      button.disabled = false;
    }
  });
  return button;
}
