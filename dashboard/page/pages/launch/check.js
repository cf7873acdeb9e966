/* The form is checked whenever it rests. The code to be copied, and the promise beside the button, are of the
   form as it was checked last. */
import { setProps, unchanged } from "../../dash.js";
import { base } from "../../lib/prefix.js";
import { say } from "../../lib/element.js";
import { forgetChanges, showChanges, touch } from "./changes.js";
import { typed } from "./form.js";
import { offerReset } from "./kept.js";
import { mark } from "./misfits.js";
import { countRuns, forgetOrder } from "./order.js";
import { recipes, recipesHold } from "./recipes.js";
import { search } from "./search.js";

/** @import { Recipes } from "./recipes.js" */

/**
 * What the server says of a form.
 * @typedef {object} Verdict
 * @property {number | null} number of the question; null when checking failed, whichever question it was
 * @property {Record<string, string>} misfits messages by field
 * @property {string} says
 * @property {boolean} fits
 * @property {number} runs how many the form describes
 * @property {Recipes} recipes
 * @property {Record<string, string>} changed what differs from the defaults
 */

const REST_MS = 250;
const DRAWN_MS = 60; /* until what the server answered is in the page */
const AGAIN_MS = 5000; /* what was promised depends on workers and queue: it is checked again */
const PATIENCE_MS = 20_000;

const state = {
  sent: "", /* the form that was sent last */
  answered: "", /* the form that the recipes are of */
  number: 0, /* of the last question */
  withdrawn: false, /* what was promised is of a form that has changed since */
};
const timers = { rest: 0, again: 0, patience: 0 };

const present = () => document.getElementById("launch-form") !== null;

/* The fields come after the form itself. */
const filled = () => document.getElementById("setting-dataset") !== null;

const now = () => JSON.stringify(typed());

/* What is shown as code is no longer of the form once this has changed, and can't be copied. */
const hold = () => recipesHold(now() === state.answered);

/* Something may have changed: a moment later, look whether it did. */
function stir() {
  if (!present()) return;
  hold();
  if (state.answered && now() !== state.answered) {
    state.withdrawn = true;
    promise("Checking …", "pending");
  }
  clearTimeout(timers.rest);
  timers.rest = setTimeout(rested, REST_MS);
}

function rested() {
  if (!present() || !filled()) return;
  hold();
  if (state.withdrawn || now() !== state.sent) check();
}

const check = () => setProps("launch-edit", { data: Date.now() });

/**
 * @param {string} text
 * @param {string} fits
 */
function promise(text, fits) {
  const forecast = document.getElementById("launch-forecast");
  if (!forecast) return;
  say(forecast, text);
  forecast.dataset.fits = fits;
}

/* A worker may have become free meanwhile, or gone away. */
function renew() {
  clearTimeout(timers.again);
  timers.again = setTimeout(() => (present() && !document.hidden ? check() : renew()), AGAIN_MS);
}

function silent() {
  promise("The form can’t be checked: the dashboard is not responding.", "false");
  state.answered = "";
  renew();
}

/**
 * The question for the server.
 * @param {unknown} _edit
 * @param {unknown} _everything
 * @param {string} dataset
 * @param {string} fusion
 * @param {string} strategy
 * @param {string} program
 */
export async function look(_edit, _everything, dataset, fusion, strategy, program) {
  await new Promise((resolve) => setTimeout(resolve, DRAWN_MS));
  if (!filled()) return unchanged();
  search();
  state.sent = now();
  hold();
  state.number += 1;
  clearTimeout(timers.patience);
  timers.patience = setTimeout(silent, PATIENCE_MS);
  return {
    typed: typed({ dataset, fusion, strategy, program }),
    origin: `${location.origin}${base}`,
    number: state.number,
  };
}

/**
 * The server's answer; one to an earlier question is too late.
 * @param {Verdict | null} verdict
 */
export function checked(verdict) {
  if (verdict && present() && [state.number, null].includes(verdict.number)) show(verdict);
  return unchanged();
}

/** @param {Verdict} verdict */
function show(verdict) {
  clearTimeout(timers.patience);
  renew();
  mark(verdict.misfits);
  state.withdrawn = now() !== state.sent;
  if (!state.withdrawn) promise(verdict.says, String(verdict.fits));
  if (verdict.fits) setProps("launch-problem", { children: null });
  showChanges(verdict.changed);
  offerReset(Object.keys(verdict.changed).length > 0);
  countRuns(verdict.runs);
  recipes(verdict.recipes);
  state.answered = state.sent;
  hold();
}

/** Keep the form of a page that was opened again: it is checked, and written into the address. */
export function keepForm() {
  touch();
  stir();
}

/** Forget the form of a page that was left. */
export function forgetForm() {
  forgetOrder();
  forgetChanges();
  for (const timer of Object.values(timers)) clearTimeout(timer);
  Object.assign(state, { sent: "", answered: "", withdrawn: false });
}

for (const kind of ["click", "input", "keyup"]) {
  document.addEventListener(kind, ({ target }) => {
    if (present() && target instanceof Element && target.closest("#launch-form, [role='listbox']")) touch();
    stir();
  });
}
