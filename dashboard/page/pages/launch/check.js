/* The form is checked while it is filled in, whenever it rests; what differs from the defaults is marked, can be
   set back, and stands in the address. */
import { setProps, unchanged } from "../../dash.js";
import { say } from "../../lib/element.js";
import { askedFor, forgetOrder, mark, typed } from "./form.js";
import { recipes, recipesHold } from "./recipes.js";
import { address } from "../../shell/address.js";

const REST_MS = 250;
const DRAWN_MS = 60; /* until what the server answered is in the page */
const AGAIN_MS = 5000; /* what was promised depends on workers and queue: it is asked again */
const PATIENCE_MS = 20_000;
let timer = 0;
let seen = ""; /* what was asked about last */
let answered = ""; /* what the recipes say */
let number = 0;
let touched = false;
let withdrawn = false; /* what was promised is of a form that has changed since */
let again = 0;
let patience = 0;

const there = () => document.getElementById("launch-form");

const now = () => JSON.stringify(typed({}));

/* Something may have been changed: a moment later, look whether it was. What is shown as code is not the form's any
   more until then, and can't be copied. */
function stir(event) {
  if (!there()) return;
  if (event?.target?.closest?.("#launch-form, [role='listbox']")) touched = true;
  recipesHold(now() === answered);
  if (answered && now() !== answered) {
    withdrawn = true;
    says("Checking …", "pending");
  }
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!there() || !document.getElementById("setting-dataset")) return;
    recipesHold(now() === answered);
    if (withdrawn || now() !== seen) ask();
  }, REST_MS);
}

const ask = () => setProps("launch-edit", { data: Date.now() });

function says(text, fits) {
  const forecast = document.getElementById("launch-forecast");
  if (!forecast) return;
  say(forecast, text);
  forecast.dataset.fits = fits;
}

/* A worker may have become free meanwhile, or gone away. */
function renew() {
  clearTimeout(again);
  again = setTimeout(() => (there() && !document.hidden ? ask() : renew()), AGAIN_MS);
}

function silent() {
  says("The form can’t be checked: the dashboard does not answer.", "false");
  answered = "";
  renew();
}

/* What is asked of the server; null where nothing else stands in the form than before. */
export async function look(edit, everything, dataset, fusion, strategy) {
  await new Promise((resolve) => setTimeout(resolve, DRAWN_MS));
  if (!document.getElementById("setting-dataset")) return unchanged();
  seen = now();
  recipesHold(seen === answered);
  number += 1;
  clearTimeout(patience);
  patience = setTimeout(silent, PATIENCE_MS);
  return { typed: typed({ dataset, fusion, strategy }), origin: location.origin, number };
}

/* The page was visited anew, but the form stayed as it is: it is checked, and stands in the address. */
export function keepForm() {
  touched = true;
  stir();
}

/* The server's answer; one to an earlier question is too late. */
export function checked(found) {
  const nothing = unchanged();
  if (!found || (found.number !== number && found.number !== null) || !there()) return nothing;
  clearTimeout(patience);
  renew();
  mark(found.misfits, false);
  withdrawn = now() !== seen;
  if (!withdrawn) says(found.says, String(found.fits));
  if (found.fits) setProps("launch-problem", { children: null });
  changes(found.changed);
  askedFor(found.runs);
  recipes(found.recipes);
  answered = seen;
  recipesHold(now() === answered);
  return nothing;
}

function changes(changed) {
  let hidden = 0;
  for (const setting of there().querySelectorAll(".setting")) {
    const differs = setting.dataset.setting in changed;
    setting.toggleAttribute("data-changed", differs);
    setting.querySelector(".reset").hidden = !differs;
    if (differs && setting.closest("#all-settings")) hidden += 1;
  }
  say(document.getElementById("changed-settings"), hidden ? `${hidden} changed` : "");
  if (!touched) return;
  const pairs = Object.entries(changed).map(([name, text]) => `${encodeURIComponent(name)}:${packed(text)}`);
  address.set({ from: "", set: pairs.join(",") });
}

/* Several numbers as 0.1_0.8, anything else as it is; commas and colons part one setting from the next. */
function packed(text) {
  const numbers = /^[\d.-][\d.eE+\-–\s,;]*$/.test(text);
  return numbers
    ? text.trim().replace(/(\d)(?:\s+-\s+|\s*(?:–|\.\.)\s*)(?=\d)/g, "$1-").split(/[,;\s]+/).filter(Boolean)
      .join("_")
    : encodeURIComponent(text);
}

function reset(button) {
  const { reset: name, default: text } = button.dataset;
  const field = document.getElementById(`setting-${name}`);
  const to = field.type === "checkbox" ? { checked: text === "true" } : { value: text };
  setProps(field.id, to);
  touched = true;
  field.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#launch-form .reset");
  if (button) reset(button);
  stir(event);
});
document.addEventListener("input", stir);
document.addEventListener("keyup", stir);

export function forgetForm() {
  forgetOrder();
  for (const one of [timer, again, patience]) clearTimeout(one);
  [seen, answered, touched, withdrawn] = ["", "", false, false];
}

/* All settings, narrowed to those whose name or help holds every word. */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of document.querySelectorAll("#all-settings .settings-group")) {
    let here = 0;
    for (const setting of group.querySelectorAll(".setting")) {
      const about = `${setting.dataset.setting} ${setting.textContent} ${
        group.querySelector("h3").textContent
      }`.toLowerCase();
      setting.hidden = !words.every((word) => about.includes(word));
      here += setting.hidden ? 0 : 1;
    }
    group.hidden = here === 0;
    found += here;
  }
  document.getElementById("no-setting").hidden = found > 0;
}

document.addEventListener("input", (event) => event.target.id === "find-setting" && find(event.target.value));
