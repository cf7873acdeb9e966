import { el, say } from "../lib/element.js";
import { whole } from "../lib/numbers.js";

/* Says that the charts stand still, and lets them follow again. */
export function zoomPill(root, zoom, follow) {
  let pill = root.querySelector(".zoom-pill");
  if (!zoom) {
    pill?.remove();
    return;
  }
  if (!pill) {
    pill = el(
      "div",
      { class: "zoom-pill" },
      el("span", { role: "status" }),
      el("button", { type: "button", class: "button button-quiet", onclick: follow }, "Follow live"),
    );
    root.append(pill);
  }
  say(pill.firstChild, `Steps ${whole(zoom[0])} – ${whole(zoom[1])}`);
}
