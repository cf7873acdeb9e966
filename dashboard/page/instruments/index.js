/* The instruments of a run's page beside its line charts, in this order. One more is one file and one line here.

   Each: {name, title, fits(runs), make(view)}. `runs` are those known so far, with their declarations; what `make`
   gives has the interface of `Card` in charts/card.js. */
import { baseline } from "./baseline.js";
import { classes } from "./classes.js";
import { layers } from "./layers.js";
import { needle } from "./needle.js";
import { budget } from "./noise-budget.js";
import { phase } from "./phase.js";

export const instruments = [needle, phase, budget, layers, classes, baseline];
