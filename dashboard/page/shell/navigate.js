import { setProps } from "../dash.js";
import { address } from "./address.js";

export const title = (text) => {
  document.title = `${text} · rhoscope`;
};

/* Open an address; the same one again is a new visit of it. */
export function go(href) {
  address.settle();
  setProps("url", { href });
}
