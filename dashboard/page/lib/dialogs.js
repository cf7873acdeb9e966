/** Whether a dialog is open over the page: nothing behind it is done unseen. */
export const asking = () => document.querySelector("dialog[open]") !== null;
