/* Work that waits until the page has time for it. */

const MOST_MS = 2000; /* it comes at the latest after this long */
const PAUSE_MS = 200; /* where the browser does not say when it has time */

export class Idle {
  _request = 0;
  _timer = 0;

  /**
   * Do something once there is time; it takes the place of what waited.
   * @param {() => void} act
   */
  ask(act) {
    this.cancel();
    if ("requestIdleCallback" in globalThis) this._request = requestIdleCallback(act, { timeout: MOST_MS });
    else this._timer = setTimeout(act, PAUSE_MS);
  }

  cancel() {
    if (this._request) cancelIdleCallback(this._request);
    clearTimeout(this._timer);
    this._request = 0;
  }
}
