/* What who is logged in may do: a viewer sees no button that would be refused. The style sheet hides them by
   the document's role; a launch form says why. */

const VIEWER = "viewer";

/** @param {string | null | undefined} role */
export function showRole(role) {
  if (role) document.documentElement.dataset.role = role;
  else delete document.documentElement.dataset.role;
}

/** Whether nothing may be changed. */
export const mayLookOnly = () => document.documentElement.dataset.role === VIEWER;
