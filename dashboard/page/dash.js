/* The only file that knows Dash: what is sent to its components, and what its callbacks call. */

/* Other properties of a component of Dash's. */
export const setProps = (id, properties) => window.dash_clientside?.set_props?.(id, properties);

/* What a callback returns that changes nothing. */
export const unchanged = () => window.dash_clientside.no_update;

/* Which component's change a callback was called for. */
export const trigger = () => window.dash_clientside.callback_context.triggered_id;

/* Dash changed the address itself, as by a link. */
export const onNavigation = (act) => window.addEventListener("_dashprivate_pushstate", act);

/* The functions that `ClientsideFunction("rhoscope", name)` means. */
export function provide(functions) {
  window.dash_clientside = window.dash_clientside ?? {};
  window.dash_clientside.rhoscope = functions;
}
