/* The only file that knows Dash: what is sent to its components, and what its callbacks call. */

/**
 * Functions that Dash calls by name; what each gets and returns is between it and its callback.
 * @typedef {Record<string, (...values: never[]) => unknown>} Callbacks
 */

/**
 * The part of Dash that runs in the browser, as far as the page uses it.
 * @typedef {object} DashClient
 * @property {(id: string, properties: Record<string, unknown>) => void} [set_props]
 * @property {unknown} [no_update]
 * @property {{ triggered_id: unknown }} [callback_context]
 * @property {Callbacks} [rhoscope]
 */

const host = /** @type {typeof globalThis & { dash_clientside?: DashClient }} */ (globalThis);

/**
 * Change properties of one of Dash's components.
 * @param {string} id
 * @param {Record<string, unknown>} properties
 */
export const setProps = (id, properties) => host.dash_clientside?.set_props?.(id, properties);

/** What a callback returns that changes nothing. */
export const unchanged = () => host.dash_clientside?.no_update;

/** The component whose change called the callback. */
export const trigger = () => host.dash_clientside?.callback_context?.triggered_id;

const NAVIGATION = "_dashprivate_pushstate"; /* what Dash's own links dispatch, and hear */

/**
 * Call `act` when the address was changed by a link, by Dash, or by `navigate`.
 * @param {() => void} act
 */
export const onNavigation = (act) => host.addEventListener(NAVIGATION, act);

/**
 * Go to an address, as one of Dash's links does.
 * @param {string} href
 */
export function navigate(href) {
  history.pushState({}, "", href);
  dispatchEvent(new CustomEvent(NAVIGATION));
}

/** Whether Dash has rendered. */
export const ready = () => document.getElementById("form") !== null;

/**
 * Dash's part of the page goes into a place of the open one; null puts it away.
 * @param {Element | null} place
 */
export function show(place) {
  const part = document.getElementById("dash");
  if (!part) return;
  part.hidden = !place;
  (place ?? document.body).append(part);
}

/** Ask Dash again what the open page shows of it. */
export const again = () => setProps("visit", { data: Date.now() });

/**
 * Read and run Dash's program, once: its files in their order, then what begins it.
 * @param {() => void} missed called when a file can't be read
 */
export function begin(missed) {
  const program = document.getElementById("dash-program");
  if (!(program instanceof HTMLTemplateElement)) return;
  program.remove();
  const [files, texts] = [
    program.content.querySelectorAll("[src]"),
    program.content.querySelectorAll("script:not([src])"),
  ];
  const scripts = [...files].map((file) =>
    script({ src: file.getAttribute("src"), async: false, onerror: missed })
  );
  scripts.at(-1)?.addEventListener("load", () => texts.forEach(({ textContent }) => script({ textContent })));
}

/** @param {Record<string, unknown>} properties */
function script(properties) {
  const element = Object.assign(document.createElement("script"), properties);
  document.body.append(element);
  return element;
}

/**
 * Offer the functions that `ClientsideFunction("rhoscope", name)` means.
 * @param {Callbacks} functions
 */
export function provide(functions) {
  host.dash_clientside = host.dash_clientside ?? {};
  host.dash_clientside.rhoscope = functions;
}
