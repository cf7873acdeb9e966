/* The page's program: what is read before anything is drawn, what listens on every page, what Dash calls. */
import { smoothing } from "./charts/smoothing.js";
import { provide, unchanged } from "./dash.js";
import { readAhead } from "./data/history.js";
import { stats } from "./lib/stats.js";
import { checked, look } from "./pages/launch/check.js";
import { mark, order, reshape } from "./pages/launch/form.js";
import { arrive, page } from "./shell/arrival.js";
import { apply } from "./shell/scheme.js";
import "./shell/bell.js";
import "./shell/shortcuts.js";

provide({
  arrive: () => {
    requestAnimationFrame(() => {
      apply();
      arrive();
    });
    return unchanged();
  },
  smooth: (percent) => {
    const before = smoothing.percent;
    smoothing.percent = percent ?? 0;
    page()?.smoothed?.(before);
    return unchanged();
  },
  reshape,
  order,
  mark: (misfits) => mark(misfits),
  look,
  checked,
});

/* What benchmarks and tests read: how often and how dearly the page draws, what it holds of each run. */
window.rhoscope = { stats };

readAhead();
