/* A page's parts are laid out at once, and seen once what may push them about is there: nothing moves under
   a reader's eye or pointer, and no click goes astray. */

const LONGEST_MS = 3_000; /* a page that answers later is seen as it comes */

/**
 * @param {HTMLElement} root a page, or a fold, with which those below it wait
 * @param {Promise<unknown> | undefined} ready what it shows first is there, or was refused
 */
export function settle(root, ready) {
  if (!ready) return;
  const turn = String(performance.now());
  root.dataset.settling = turn;
  const seen = () => {
    if (root.dataset.settling === turn) delete root.dataset.settling;
  };
  /* What was answered is drawn with the next frame: it is seen with that one. */
  ready.catch(() => {}).then(() => requestAnimationFrame(seen));
  setTimeout(seen, LONGEST_MS);
}
