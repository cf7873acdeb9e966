/* The columns of the table of runs, and which of them fit. Pure functions; cells.js draws them. */
import { number, parsed, percent, short, whole } from "../../lib/numbers.js";
import { ago, duration } from "../../lib/times.js";
import { plain } from "../../lib/values.js";
import { elapsed } from "../../runs/facts.js";

/** @import { Run } from "../../api/schema.d.ts" */
/**
 * @typedef {object} Column
 * @property {string} title
 * @property {number} width in pixels
 * @property {(run: Run) => string} [text] of a cell; a column without it is drawn
 * @property {string} [sort] the field by which its head sorts
 * @property {boolean} [right] aligned to the right
 * @property {string} [about] what it shows, for the tooltip of its head
 */

const DEFAULT = [
  "state",
  "progress",
  "rho",
  "accuracy",
  "settings.alpha",
  "settings.seed",
  "best",
  "test",
  "tags",
];
/* The order in which default columns go when they do not fit. */
const SPARED = ["tags", "test", "settings.seed", "settings.alpha", "progress", "accuracy", "best", "state"];
const CARD = ["state", "progress", "rho", "accuracy", "best"]; /* on a phone */
const CHECK_PX = 36;
const NAME_PX = 180; /* at least */
const ACT_PX = 48;
const FIXED_PX = CHECK_PX + NAME_PX + ACT_PX;
const SETTING_PX = [74, 160]; /* the width of a setting's column, at least and at most */
const LETTER_PX = 9;
const LEAD_LETTERS = 7; /* of a leading modality's name; its tooltip has all */
const ROUND_FROM = 9.95; /* ratios from here on are written without decimals */

/** @param {number | undefined | null} value */
const accuracy = (value) => (value === undefined || value === null ? "–" : percent(parsed(value)));

/** @param {Run} run */
function took(run) {
  const time = elapsed(run);
  return time === null ? "–" : duration(time);
}

/**
 * The words below a bar where there is little room: "312 steps · 0:12 left".
 * @param {Run} run
 */
function brief(run) {
  if (run.state === "queued") return "waiting";
  if (run.state === "starting") return "starting";
  const left = run.eta_s ?? null;
  const steps = `${short(run.step)} steps`;
  if (run.state === "running" && left !== null) return `${steps} · ${duration(left)} left`;
  return run.finished ? `${steps} · ${took(run)}` : steps;
}

/**
 * Who leads, by how much: "visual 3.1×", "audio 12×".
 * @param {{ modality: string, rho: number }} lead
 */
const ratio = ({ modality, rho }) =>
  `${modality.length > LEAD_LETTERS ? `${modality.slice(0, LEAD_LETTERS - 1)}…` : modality} ${
    rho.toFixed(rho < ROUND_FROM ? 1 : 0)
  }×`;

/**
 * The tooltip of a ratio.
 * @param {{ modality: string, rho: number }} lead
 */
const ratioTitle = ({ modality, rho }) => `${modality} leads: rho ${number(rho)}`;

/** @type {Record<string, Column>} */
const COLUMNS = {
  state: { title: "State", width: 102, sort: "state" },
  progress: { title: "Progress", width: 118, sort: "progress" },
  rho: {
    title: "rho",
    width: 144,
    about: "Discrepancy ratio of each modality, from 1/8 to 8 on a logarithmic scale; the middle line " +
      "is 1. The number is how far the leading modality is ahead now.",
  },
  accuracy: {
    title: "Accuracy",
    width: 90,
    about: "From 0 to 1. The faint line is training, the strong line is validation.",
  },
  best: {
    title: "Best val.",
    width: 88,
    right: true,
    sort: "best",
    text: (run) => accuracy(run.best?.["val.accuracy"]),
  },
  test: {
    title: "Test",
    width: 80,
    right: true,
    sort: "test",
    text: (run) => accuracy(run.last?.["test.accuracy"]),
  },
  tags: { title: "Tags", width: 150 },
  strategy: {
    title: "Strategy",
    width: 130,
    sort: "strategy",
    text: (run) => run.course?.strategy ?? run.spec.strategy,
  },
  dataset: { title: "Data set", width: 120, sort: "dataset", text: (run) => run.spec.dataset },
  fusion: { title: "Fusion", width: 90, sort: "fusion", text: (run) => run.spec.fusion },
  duration: { title: "Duration", width: 100, right: true, sort: "duration", text: took },
  step: { title: "Step", width: 90, right: true, sort: "step", text: (run) => whole(run.step) },
  worker: { title: "Worker", width: 150, sort: "worker", text: (run) => run.worker || "–" },
  created: { title: "Created", width: 110, sort: "created", text: (run) => ago(run.created) },
  id: { title: "Id", width: 120, text: (run) => run.id },
  notes: { title: "Notes", width: 200, text: (run) => run.notes || "–" },
};

/**
 * The column of a setting.
 * @param {string} name
 * @returns {Column}
 */
function settingColumn(name) {
  const setting = name.slice("settings.".length);
  const [least, most] = SETTING_PX;
  return {
    title: setting,
    width: Math.min(most, Math.max(least, LETTER_PX * setting.length + 34)),
    right: true,
    sort: name,
    text(run) {
      const value = run.settings[setting] ?? null;
      return value === null ? "–" : plain(value);
    },
  };
}

/**
 * A column by its name; any setting is one. Null: there is no such column.
 * @param {string} name
 */
function column(name) {
  if (Object.hasOwn(COLUMNS, name)) return COLUMNS[name];
  return /^settings\.\w+$/.test(name) ? settingColumn(name) : null;
}

/** @param {string} name */
const width = (name) => column(name)?.width ?? 0;

/**
 * The width of the table with these columns.
 * @param {string[]} names
 */
const wide = (names) => FIXED_PX + names.reduce((sum, name) => sum + width(name), 0);

/**
 * The default columns, less those that do not fit.
 * @param {number} room in pixels
 */
function fitting(room) {
  let names = DEFAULT;
  for (const spared of SPARED) {
    if (wide(names) <= room) break;
    names = names.filter((name) => name !== spared);
  }
  return names;
}

/**
 * The columns as CSS's grid-template-columns.
 * @param {string[]} names
 */
const template = (names) =>
  `${CHECK_PX}px minmax(${NAME_PX}px, 1fr) ${names.map((name) => `${width(name)}px`).join(" ")} ${ACT_PX}px`;

export const runColumns = { all: Object.keys(COLUMNS), card: CARD, column, fitting, template, wide };
export const runWords = { brief, ratio, ratioTitle };
