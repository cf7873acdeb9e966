/* The past that runs share because they were forked from each other, or from the same run. Pure. */

/** @typedef {{ run: string, until: number }} Ancestor whose steps before `until` a fork took over */
/**
 * Steps of a curve: before `begin` another curve is the same one, and is drawn instead; before `own` it is
 * what several have in common.
 * @typedef {{ begin: number, own: number }} Past
 */

/** @type {Past} */
export const ALONE = { begin: 0, own: 0 };

/**
 * The step until which two runs are one and the same; 0: they share nothing.
 * @param {Ancestor[]} a the run itself, until its end, and those it descends from
 * @param {Ancestor[]} b
 */
function shared(a, b) {
  const until = new Map(b.map((one) => [one.run, one.until]));
  return Math.max(0, ...a.map((one) => Math.min(one.until, until.get(one.run) ?? 0)));
}

/**
 * The pasts of curves that are drawn together, so that what they share is drawn once.
 * @param {Ancestor[][][]} curves of each curve the lines of its runs: one, or those of a mean
 * @returns {Past[]}
 */
export function pastsOf(curves) {
  const common = (/** @type {Ancestor[][]} */ a, /** @type {Ancestor[][]} */ b) =>
    Math.min(...a.map((one) => Math.max(...b.map((other) => shared(one, other)))));
  const both = (/** @type {Ancestor[][]} */ a, /** @type {Ancestor[][]} */ b) =>
    a.length === b.length ? Math.min(common(a, b), common(b, a)) : 0;
  return curves.map((curve, i) => {
    const steps = curves.map((other, j) => (i === j ? 0 : both(curve, other)));
    return { begin: Math.max(0, ...steps.slice(0, i)), own: Math.max(0, ...steps) };
  });
}

/**
 * A run and those it descends from, as far as they are known.
 * @param {{ id: string, parent?: string | null, parent_step?: number | null }} run
 * @param {ReadonlyMap<string, { id: string, parent?: string | null, parent_step?: number | null }>} known
 * @returns {Ancestor[]}
 */
export function lineOf(run, known) {
  const line = [{ run: run.id, until: Infinity }];
  /** @type {typeof run | undefined} */
  let child = run;
  while (child?.parent && line.every((one) => one.run !== child?.parent)) {
    const until = Math.min(line[line.length - 1].until, child.parent_step ?? 0);
    line.push({ run: child.parent, until });
    child = known.get(child.parent);
  }
  return line;
}
