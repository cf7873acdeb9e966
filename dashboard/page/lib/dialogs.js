/* Whether a dialog lies over the page: nothing behind it is done unseen. */
export const asking = () => document.querySelector("dialog[open]") !== null;
