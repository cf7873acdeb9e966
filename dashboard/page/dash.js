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

/**
 * Call `act` when Dash changed the address itself, as by a link.
 * @param {() => void} act
 */
export const onNavigation = (act) => host.addEventListener("_dashprivate_pushstate", act);

/**
 * Offer the functions that `ClientsideFunction("rhoscope", name)` means.
 * @param {Callbacks} functions
 */
export function provide(functions) {
  host.dash_clientside = host.dash_clientside ?? {};
  host.dash_clientside.rhoscope = functions;
}
