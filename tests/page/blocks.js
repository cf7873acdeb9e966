/* Blocks of rows as the live connection delivers them. */

/** A block of one series, `loss`, whose values are the steps where none are given. */
export const block = (attempt, steps, values = steps) => ({
  run: "r",
  attempt,
  names: ["loss"],
  thinned: false,
  steps: Int32Array.from(steps),
  columns: [Float32Array.from(values)],
});
