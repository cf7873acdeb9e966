/* The open page: the one that the address means, opened and left. */
import { onNavigation } from "../dash.js";
import { address } from "./address.js";
import { complain } from "./banner.js";
import { title } from "./navigate.js";
import { settle } from "./settle.js";

/** @import { OpenPage, Page } from "../pages/index.js" */

/**
 * What there is to open, and what else happens when the open page changes.
 * @typedef {object} Site
 * @property {readonly Page[]} pages
 * @property {() => void} left another page is opened
 * @property {() => void} reopened the same page is opened again
 */

/** @type {Site} */
let site = { pages: [], left: () => {}, reopened: () => {} };

const here = {
  /** @type {OpenPage | null} */
  open: null,
  identity: "", /* the open page's name, and the values of its keys */
  path: "", /* of the last arrival */
};

/** @param {Site} whole */
export const serve = (whole) => {
  site = whole;
};

/** The open page, or null. */
export const page = () => here.open;

/**
 * @param {HTMLElement | null} root
 * @param {Page | null} next
 */
function identityOf(root, next) {
  const parameters = new URLSearchParams(location.search);
  const keys = next?.keys ?? [];
  return [root?.dataset.page ?? "", ...keys.map((key) => parameters.get(key) ?? "")].join(" ");
}

/** Open what Dash has put into the page, or follow its address. */
export function arrive() {
  here.path = location.pathname;
  /** @type {HTMLElement | null} */
  const root = document.querySelector("#page [data-page]");
  const next = site.pages.find(({ name }) => name === root?.dataset.page) ?? null;
  const identity = identityOf(root, next);
  if (root?.dataset.live === identity && here.identity === identity) return here.open?.revisit?.();
  leave();
  here.identity = identity;
  markLink();
  enter(root, next);
}

/**
 * @param {HTMLElement | null} root
 * @param {Page | null} next
 */
function enter(root, next) {
  title(next?.title ?? "Not found");
  if (!root || !next) return;
  root.dataset.live = here.identity;
  here.open = next.open(root);
  settle(root, here.open?.ready);
}

function leave() {
  here.open?.leave();
  here.open = null;
  address.forget();
  site.left();
  complain("");
}

/* Mark the link of the head that leads here. */
function markLink() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".nav-link");
  for (const link of links) {
    if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/* The address is written past Dash. A link that only removes parameters is then no other address to Dash, and
   nobody would arrive. */
onNavigation(() => {
  if (here.path !== location.pathname || !here.open || here.open.revisit) return;
  here.identity = "";
  requestAnimationFrame(() => {
    arrive();
    site.reopened();
  });
});

new MutationObserver(() => here.open?.recolor()).observe(document.documentElement, {
  attributeFilter: ["data-mantine-color-scheme"],
});
