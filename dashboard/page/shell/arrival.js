/* The page that is open: which one the address means, opened and left. */
import { onNavigation } from "../dash.js";
import { pages } from "../pages/index.js";
import { forgetForm, keepForm } from "../pages/launch/check.js";
import { address } from "./address.js";
import { complain } from "./banner.js";
import { title } from "./navigate.js";

let current = null;
let shown = "";
let path = ""; /* where one arrived last */

/* Dash put a page there, or its address changed. */
export function arrive() {
  path = location.pathname;
  const root = document.querySelector("#page [data-page]");
  const page = pages.find((one) => one.name === root?.dataset.page) ?? null;
  const parameters = new URLSearchParams(location.search);
  const identity = [root?.dataset.page ?? "", ...(page?.keys ?? []).map((key) => parameters.get(key) ?? "")]
    .join(" ");
  if (root && root.dataset.live === identity && shown === identity) return void current?.revisit?.();
  current?.leave();
  current = null;
  shown = identity;
  address.forget();
  forgetForm();
  complain("");
  title(page?.title ?? "Not found");
  for (const link of document.querySelectorAll(".nav-link")) {
    if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!page) return;
  root.dataset.live = identity;
  current = page.open(root);
}

/* The address is written past Dash. A link that only takes away what stands there is then no other address to
   Dash, and nobody would arrive. */
onNavigation(() => {
  if (path !== location.pathname || !current || current.revisit) return;
  shown = "";
  requestAnimationFrame(() => {
    arrive();
    keepForm();
  });
});

/* What is open now, or null. */
export const page = () => current;

new MutationObserver(() => current?.recolor()).observe(document.documentElement, {
  attributeFilter: ["data-mantine-color-scheme"],
});
