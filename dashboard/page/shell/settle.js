/* A page's parts are laid out at once, and seen once what may push them about is there: nothing moves under
   a reader's eye or pointer, and no click goes astray. */

const LONGEST_MS = 3_000; /* a page that answers later is seen as it comes */

/**
 * @param {HTMLElement} root a page, or a fold, with which those below it wait
 * @param {Promise<unknown> | undefined} ready what it shows first is there, or was refused
 * @param {boolean} [drawn] whether that is drawn by then; else it is with the next frame, and seen with it
 */
export function settle(root, ready, drawn = false) {
  if (!ready) return;
  const turn = String(performance.now());
  root.dataset.settling = turn;
  const seen = () => {
    if (root.dataset.settling === turn) delete root.dataset.settling;
  };
  ready.catch(() => {}).then(() => drawn ? seen() : requestAnimationFrame(seen));
  setTimeout(seen, LONGEST_MS);
}
