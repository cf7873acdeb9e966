/* What a trial of remedies holds, and what it costs: arithmetic and words, without a page. */

import { percent, points, whole } from "../../../lib/numbers.js";

/** @import { Candidate, Place, Ranking, Suggestion, Trial } from "../../../api/schema.d.ts" */

const NONE = "–";

/**
 * Candidates out of lines such as "ogm-ge, alpha=0.8".
 * @param {string} text
 * @returns {Candidate[]}
 */
export function asCandidates(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const parts = line.split(",").map((part) => part.trim()).filter(Boolean);
    const pairs = parts.filter((part) => part.includes("=")).map((part) => {
      const [name, ...value] = part.split("=");
      return [name.trim(), value.join("=").trim()];
    });
    const strategy = parts.filter((part) => !part.includes("=")).join(" ");
    return { name: "", strategy, settings: Object.fromEntries(pairs) };
  });
}

/** @typedef {"candidates" | "seeds" | "horizon"} Fields of a trial that decide what it costs */
/** @typedef {Pick<Suggestion, Fields | "minutes" | "control" | "trainings">} Usual */

/**
 * What a trial costs, out of what the suggested one does.
 * @param {Usual} usual
 * @param {Pick<Trial, Fields>} trial
 */
export function cost(usual, trial) {
  const { control, minutes, trainings } = usual;
  const before = counted(usual);
  const added = trainings / before.seeds - before.candidates; /* the control, and the run as it is */
  const { candidates, seeds, horizon } = counted(trial, before);
  const runs = (candidates + added) * seeds;
  const share = (runs / trainings) * (horizon / before.horizon);
  const long = minutes === null ? "" : `, about ${(minutes * share).toPrecision(2)} minutes on one worker`;
  return `${runs} runs with the control (${control})${long}.`;
}

/**
 * How many candidates, seeds and epochs; where nothing is said, as many as in `usual`.
 * @param {Pick<Trial, Fields>} trial
 */
const counted = ({ candidates, seeds, horizon }, usual = { candidates: 0, seeds: 1, horizon: 1 }) => ({
  candidates: candidates?.length || usual.candidates,
  seeds: seeds?.length || usual.seeds,
  horizon: horizon || usual.horizon,
});

/**
 * An advantage in points, with its interval.
 * @param {Place["advantage"]} advantage
 */
export function gained(advantage) {
  if (!advantage || advantage.mean === null || advantage.mean === undefined) return "";
  const { mean, low, high } = advantage;
  const known = typeof low === "number" && typeof high === "number";
  return known ? `${points(mean)} [${points(low)}, ${points(high)}]` : points(mean);
}

/**
 * The cells of a candidate's line, after its name.
 * @param {Place} place
 * @param {Pick<Ranking, "winner" | "control" | "over">} ranking
 */
export const cells = (place, ranking) => [
  shown(place.rung, whole),
  shown(place.accuracy, percent),
  gained(place.advantage) || NONE,
  shown(place.advantage?.p_holm, (p) => p.toFixed(3)),
  place.minutes.toFixed(1),
  state(place, ranking),
];

/**
 * @param {number | null | undefined} value
 * @param {(value: number) => string} words
 */
const shown = (value, words) => (typeof value === "number" ? words(value) : NONE);

/**
 * @param {Place} place
 * @param {Pick<Ranking, "winner" | "control" | "over">} ranking
 */
function state({ name, goes_on: goesOn }, { winner, control, over }) {
  if (name === winner) return "winner";
  if (name === control) return "control";
  return goesOn && !over ? "in the race" : "out";
}
