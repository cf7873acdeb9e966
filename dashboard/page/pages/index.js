/* The pages there are, by what their root's `data-page` says. One more is one folder and one line here.

   Each: {name, title, keys, open(root)}. `open` gives what lives there, with `leave()` and `recolor()`, or null;
   `keys` are the parameters of the address that make it another page. */
import { comparePage } from "./compare/compare.js";
import { runsPage } from "./runs/runs.js";
import { sweepsPage } from "./sweeps/sweeps.js";
import { watchPage } from "./watch/watch.js";
import { workersPage } from "./workers/workers.js";

export const pages = [runsPage, watchPage, comparePage, sweepsPage, workersPage];
