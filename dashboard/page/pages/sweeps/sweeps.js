/* The page of sweeps: all of them, or the one that the address names. */
import { address } from "../../shell/address.js";
import { Sweeps } from "./list.js";
import { SweepPage } from "./sweep.js";

export const sweepsPage = {
  name: "sweeps",
  title: "Sweeps",
  keys: ["sweep"],
  /** @param {HTMLElement} root */
  open(root) {
    const place = root.querySelector("#sweeps-body");
    if (!(place instanceof HTMLElement)) return null;
    const id = address.get("sweep");
    return id ? new SweepPage(place, encodeURIComponent(id)) : new Sweeps(place);
  },
};
