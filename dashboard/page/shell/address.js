/* What a view shows stands in its address, so that every view is a link. And the pages there are. */

const CALM_MS = 350; /* browsers refuse an address that changes a hundred times in half a minute */
let wanted = null;
let place = ""; /* the address for which it is wanted */
let timer = 0;
let written = -Infinity; /* when the address was last changed */

const parameters = () => new URLSearchParams(wanted ?? location.search);

/* Parameters of the address. A page's `keys` say what it is a page of; the others how that is looked at. */
export const address = {
  get: (name, otherwise = "") => parameters().get(name) ?? otherwise,

  list: (name) => [...new Set((parameters().get(name) ?? "").split(",").filter(Boolean))],

  /* Other values, without a new visit; empty ones leave the address. */
  set(changes) {
    const next = parameters();
    if (wanted === null) place = location.href;
    for (const [name, value] of Object.entries(changes)) {
      const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
      if (text) next.set(name, text);
      else next.delete(name);
    }
    wanted = next.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%7E", "~");
    clearTimeout(timer);
    timer = setTimeout(address.settle, Math.max(0, written + CALM_MS - performance.now()));
  },

  /* Write what was set; before a link is copied or another page opened. */
  settle() {
    clearTimeout(timer);
    if (wanted === null) return;
    const search = wanted ? `?${wanted}` : "";
    wanted = null;
    if (place !== location.href) return; /* another page was opened meanwhile */
    if (search === location.search) return;
    written = performance.now();
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  },

  /* Another page was opened: what was not written belongs to none. */
  forget() {
    clearTimeout(timer);
    wanted = null;
  },
};
