/* What of a verdict is shown first: the questions that every reader has, then whatever else was found. */
import { ended } from "../../../api/states.js";

/** @import { Judgment, Run, RunSpec } from "../../../api/schema.d.ts" */

/** @typedef {"found" | "fine" | "unknown"} Mark */
/** @typedef {Pick<Judgment, "name" | "title" | "sentence" | "evidence" | "remedy" | "changes">} Said */
/** @typedef {Said & { mark: Mark }} Line */

const FIRST = ["dominance", "starved-branch", "leader-overfits"];
const STUDY = "balancing-pays"; /* asked where there is something to balance */
const CONCLUSION = "no-finding";
const URGENT = ["diverging", "no-better-than-chance", CONCLUSION]; /* what makes the questions idle */

/**
 * @param {Judgment} judgment
 * @returns {Line}
 */
const line = (judgment) => ({
  ...judgment,
  mark: judgment.speaks
    ? judgment.name === CONCLUSION ? "fine" : "found"
    : judgment.known
    ? "fine"
    : "unknown",
});

/**
 * Whether there is anything to balance.
 * @param {Judgment[]} judgments
 * @param {number} modalities
 */
const balances = (judgments, modalities) =>
  modalities > 1 && judgments.some(({ name, known }) => name === "dominance" && known);

/** @param {Line} line */
const urgent = ({ name }) => URGENT.includes(name);

/**
 * The lines to show, and those to fold.
 * @param {Judgment[]} judgments as the API orders them: those that speak first
 * @param {number} modalities
 * @returns {{ shown: Line[], folded: Line[] }}
 */
export function arranged(judgments, modalities) {
  const lines = judgments.map(line);
  const questions = balances(judgments, modalities) ? [...FIRST, STUDY] : FIRST;
  const first = modalities > 1
    ? questions.flatMap((name) => lines.find((one) => one.name === name) ?? [])
    : [];
  const spoken = judgments.filter(({ speaks }) => speaks).map(({ name }) => name);
  const rest = lines.filter((one) => !first.includes(one));
  const troubles = rest.filter((one) => spoken.includes(one.name));
  return {
    shown: withoutRepeats([...troubles.filter(urgent), ...first, ...troubles.filter((one) => !urgent(one))]),
    folded: rest.filter((one) => !troubles.includes(one)),
  };
}

/**
 * The same lines, each remedy said once.
 * @param {Line[]} lines
 */
function withoutRepeats(lines) {
  const said = new Set();
  return lines.map((one) => {
    const remedy = said.has(one.remedy) ? "" : one.remedy;
    if (one.mark === "found") said.add(one.remedy);
    return { ...one, remedy };
  });
}

/**
 * A verdict in one sentence, and how much else was found.
 * @param {Judgment[]} judgments as the API orders them
 * @returns {{ mark: Mark, sentence: string, more: string }}
 */
export function headline(judgments) {
  const troubles = judgments.filter(({ speaks }) => speaks);
  const first = troubles[0] ?? judgments.find(({ name }) => name === CONCLUSION) ?? judgments[0];
  if (!first) return { mark: "unknown", sentence: "", more: "" };
  const { mark, sentence } = line(first);
  return { mark, sentence, more: troubles.length > 1 ? `And ${troubles.length - 1} more.` : "" };
}

/**
 * Why there is no verdict yet.
 * @param {Pick<Run, "state" | "series">} run
 */
export function awaited({ state, series }) {
  if (series.length) return "Reading the curves …";
  return ended(state) ? "It ended before its first step." : "Waiting for the first step";
}

/**
 * The next thing to do: the remedy of the first diagnosis that speaks and has one.
 * @param {Judgment[]} judgments
 */
export const nextStep = (judgments) =>
  judgments.find(({ speaks, changes }) => speaks && Object.keys(changes ?? {}).length) ?? null;

/**
 * A remedy's changes in words: "strategy ogm-ge, alpha 0.3".
 * @param {Record<string, unknown>} changes
 */
export const inWords = (changes) =>
  Object.entries(changes).map(([name, value]) => `${name} ${value ?? "none"}`).join(", ");

/**
 * A run's specification with the changes of a remedy, under a name of its own.
 * @param {RunSpec} spec
 * @param {Record<string, unknown>} changes settings and plug-in fields
 * @param {(strategy: string) => string[]} own the settings that a strategy has
 */
export function changed(spec, changes, own) {
  const { strategy = spec.strategy, ...settings } = changes;
  const there = new Set(own(String(strategy)));
  const gone = own(spec.strategy ?? "").filter((name) => !there.has(name));
  const kept = Object.entries(spec.settings ?? {}).filter(([name]) => !gone.includes(name));
  const together = { ...Object.fromEntries(kept), ...settings };
  return { ...spec, name: "", origin: null, strategy: String(strategy), settings: together };
}
