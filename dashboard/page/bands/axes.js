import { short, whole } from "../lib/numbers.js";
import { duration } from "../lib/times.js";
import { address } from "../shell/address.js";

const NATURAL = [
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1e3,
  2e3,
  5e3,
  1e4,
  2e4,
  5e4,
  1e5,
  2e5,
  5e5,
  1e6,
  2e6,
  5e6,
  1e7,
];
const SECONDS = [
  0.1,
  0.5,
  1,
  2,
  5,
  10,
  30,
  60,
  120,
  300,
  600,
  1800,
  3600,
  7200,
  21600,
  43200,
  86400,
  172800,
  604800,
  2592000,
];

const clock = (options) => new Intl.DateTimeFormat("en-GB", options);
const DAY = clock({ day: "numeric", month: "short" });
const MINUTE = clock({ hour: "2-digit", minute: "2-digit" });
const SECOND = clock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const FULL = clock({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/* Axes that runs can share: `tick` for the axis, `words` for the cursor, `about` for who wonders. */
export const AXES = {
  step: { title: "Step", steps: NATURAL.slice(3), tick: short, words: (x) => `Step ${whole(x)}`, about: "" },
  epoch: {
    title: "Epoch",
    steps: NATURAL,
    tick: (x) => short(Number(x.toPrecision(6))),
    words: (x) => `Epoch ${x.toFixed(2)}`,
    about: "Epoch 1 is where the first has ended.",
  },
  time: {
    title: "Training time",
    steps: SECONDS,
    tick: (x, [a, b]) => (b - a < 10 ? `${Number(x.toFixed(1))} s` : duration(x)),
    words: (x) => `After ${duration(x)} of training`,
    about: "From each run's start; pauses, waits for a worker and work that was lost are left out.",
  },
  clock: {
    title: "Clock",
    steps: SECONDS,
    tick: (x, [a, b]) => (b - a > 172800 ? DAY : b - a > 600 ? MINUTE : SECOND).format(1000 * x),
    words: (x) => FULL.format(1000 * x),
    about: "",
  },
};

/* The stretch of an axis that the address names, or null. */
export function zoomOfAddress() {
  const [from, to] = address.get("zoom").split(":").map(Number);
  return to > from ? [from, to] : null;
}
