/* The page of sweeps: all of them, or the one that the address names. */
import { el } from "../../lib/element.js";
import { address } from "../../shell/address.js";
import { rootOf } from "../../shell/root.js";
import { Sweeps } from "./list.js";
import { SweepPage } from "./sweep.js";

export const sweepsPage = {
  name: "sweeps",
  path: "/sweeps",
  title: "Sweeps",
  keys: ["sweep"],
  frame: () =>
    rootOf({ id: "sweeps", class: "page sweeps-page" }, "Sweeps", el("div", { id: "sweeps-body" })),
  /** @param {HTMLElement} root */
  open(root) {
    const place = root.querySelector("#sweeps-body");
    if (!(place instanceof HTMLElement)) return null;
    const id = address.get("sweep");
    return id ? new SweepPage(place, encodeURIComponent(id)) : new Sweeps(place);
  },
};
