/* The axes that runs can share, and the part of one that the address names. */
import { short, whole } from "../lib/numbers.js";
import { duration } from "../lib/times.js";
import { address } from "../shell/address.js";

/** @typedef {[number, number]} Range */
/**
 * @typedef {object} Axis
 * @property {string} name
 * @property {string} title
 * @property {number[]} steps distances that ticks may have
 * @property {(x: number, range: Range) => string} tick the text of a tick while a range is shown
 * @property {(x: number) => string} words the text beside the cursor
 * @property {string} about what a reader may need to know
 */

const NATURAL = [-1, 0, 1, 2, 3, 4, 5, 6, 7]
  .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
  .filter((step) => step <= 1e7);

const [MINUTE_S, HOUR_S, DAY_S] = [60, 3600, 86400];
const SECONDS = [
  ...[0.1, 0.5, 1, 2, 5, 10, 30],
  ...[1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE_S),
  ...[1, 2, 6, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 7, 30].map((days) => days * DAY_S),
];

/**
 * A clock is made when it is first read: making one takes the browser several milliseconds.
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {(ms: number) => string}
 */
function clock(options) {
  /** @type {Intl.DateTimeFormat | null} */
  let made = null;
  return (ms) => (made ??= new Intl.DateTimeFormat("en-GB", options)).format(ms);
}
const DAY = clock({ day: "numeric", month: "short" });
const MINUTE = clock({ hour: "2-digit", minute: "2-digit" });
const SECOND = clock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const FULL = clock({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/**
 * How precise a clock must be to tell the ticks of a range apart.
 * @param {Range} range
 */
function precision([from, to]) {
  if (to - from > 2 * DAY_S) return DAY;
  return to - from > 10 * MINUTE_S ? MINUTE : SECOND;
}

/** @type {Record<string, Axis>} */
export const AXES = {
  step: {
    name: "step",
    title: "Step",
    steps: NATURAL.filter((step) => step >= 1),
    tick: short,
    words: (x) => `Step ${whole(x)}`,
    about: "",
  },
  epoch: {
    name: "epoch",
    title: "Epoch",
    steps: NATURAL,
    tick: (x) => short(Number(x.toPrecision(6))),
    words: (x) => `Epoch ${x.toFixed(2)}`,
    about: "Epoch 1 is the end of the first epoch.",
  },
  time: {
    name: "time",
    title: "Training time",
    steps: SECONDS,
    tick: (x, [from, to]) => (to - from < 10 ? `${Number(x.toFixed(1))} s` : duration(x)),
    words: (x) => `After ${duration(x)} of training`,
    about: "From each run's start; pauses, waits for a worker and lost work are left out.",
  },
  clock: {
    name: "clock",
    title: "Clock",
    steps: SECONDS,
    tick: (x, range) => precision(range)(1000 * x),
    words: (x) => FULL(1000 * x),
    about: "",
  },
};

const SERIES = "series:"; /* before the name of a series that is the axis */
const ANY = Array.from({ length: 22 }, (_, i) => i - 6)
  .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));

/**
 * The name of the axis that a series is.
 * @param {string} series
 */
export const along = (series) => SERIES + series;

/**
 * Whether a name is one of an axis.
 * @param {string} name
 */
export const isAxis = (name) =>
  Object.hasOwn(AXES, name) || (name.startsWith(SERIES) && name.length > SERIES.length);

/**
 * An axis by its name.
 * @param {string} name
 * @returns {Axis}
 */
export function axisOf(name) {
  if (Object.hasOwn(AXES, name)) return AXES[name];
  const title = name.slice(SERIES.length);
  return {
    name,
    title,
    steps: ANY,
    tick: (x) => short(Number(x.toPrecision(6))),
    words: (x) => `${title} ${short(x)}`,
    about: "Where the series falls, the axis stands still.",
  };
}

/**
 * The part of an axis that the address names.
 * @returns {Range | null}
 */
export function zoomOfAddress() {
  const [from, to] = address.get("zoom").split(":").map(Number);
  return to > from ? [from, to] : null;
}
