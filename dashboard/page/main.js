/* The page's program: what is read before anything is drawn, what listens on every page, what Dash calls. */
import { Colors } from "./charts/colors.js";
import { provide, unchanged } from "./dash.js";
import { without } from "./lib/prefix.js";
import { stats } from "./lib/stats.js";
import { pages } from "./pages/index.js";
import { checked, forgetForm, keepForm, look } from "./pages/launch/check.js";
import { answered, order } from "./pages/launch/order.js";
import { reshape } from "./pages/launch/plugins.js";
import { showAccount } from "./shell/account.js";
import { address } from "./shell/address.js";
import { arrive, serve } from "./shell/arrival.js";
import { follow, go } from "./shell/navigate.js";
import { apply } from "./shell/scheme.js";
import "./shell/bell.js";
import "./shell/health.js";
import "./shell/shortcuts.js";
import "./shell/views.js";

serve({ pages, left: forgetForm, reopened: keepForm });

provide({
  formed: () => {
    apply();
    return unchanged();
  },
  reshape,
  order,
  /** @param {Record<string, string> | null} misfits */
  mark: (misfits) => answered(misfits),
  look,
  checked,
});

/* A handle for benchmarks, tests and the console: the cost of drawing, the rows of each run, the address. */
Object.assign(globalThis, { rhoscope: { stats, address, go } });

apply();
new Colors([], []); /* read while the document is styled: behind a page's frame it would be styled for it */
follow((path) => pages.some((page) => page.path === without(path)));
/* Not on top of this program: a browser that notes who sent a request would read all of it again. */
queueMicrotask(() => {
  arrive();
  showAccount().catch(() => {}); /* without the API nothing is known of anybody */
});
