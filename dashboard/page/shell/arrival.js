/* The open page: the one that the address means, opened and left. */
import { onNavigation } from "../dash.js";
import { without } from "../lib/prefix.js";
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
  /** @type {Page | null} */
  page: null,
  /** @type {OpenPage | null} */
  open: null,
  identity: "", /* the open page's name, and the values of its keys */
};

/** @param {Site} whole */
export const serve = (whole) => {
  site = whole;
};

/** The open page, or null. */
export const page = () => here.open;

/** @param {Page | null} next */
function identityOf(next) {
  const parameters = new URLSearchParams(location.search);
  return [next?.name ?? "", ...(next?.keys ?? []).map((key) => parameters.get(key) ?? "")].join(" ");
}

/** Open the page of the address, or follow its parameters. */
export function arrive() {
  const path = without(location.pathname);
  const next = site.pages.find((one) => one.path === path) ?? null;
  const identity = identityOf(next);
  if (here.page && here.page === next && here.identity === identity) return here.open?.revisit?.();
  leave();
  here.identity = identity;
  markLink();
  enter(next);
}

/** @param {Page | null} next */
function enter(next) {
  title(next?.title ?? "Not found");
  const root = frameOf(next);
  if (!next || !root) return;
  here.open = next.open(root);
  settle(root, here.open?.ready, here.open?.drawn);
}

/**
 * The root of a page: the one that is there, where it is that page's.
 * @param {Page | null} next
 */
function frameOf(next) {
  const holder = document.getElementById("page");
  if (next !== here.page) {
    here.page?.closed?.();
    holder?.replaceChildren(...(next ? [next.frame()] : []));
    here.page = next;
  }
  const root = holder?.firstElementChild;
  return root instanceof HTMLElement ? root : null;
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

/* A link may lead to what seems to be the same page, as one that only removes parameters: a page that can't
   follow its parameters is opened again. */
onNavigation(() => {
  const path = without(location.pathname);
  const again = here.page?.path === path && here.open && !here.open.revisit;
  if (again) here.identity = "";
  arrive();
  if (again) site.reopened();
});
addEventListener("popstate", arrive);

new MutationObserver(() => here.open?.recolor()).observe(document.documentElement, {
  attributeFilter: ["data-mantine-color-scheme"],
});
