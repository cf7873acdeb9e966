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
 * Whose steps a curve's runs show just before a step, with the share of each.
 * @param {Ancestor[][]} curve
 * @param {number} step
 */
function owners(curve, step) {
  const runs = curve.map((line) => line.findLast(({ until }) => until >= step)?.run ?? "");
  const share = (/** @type {string} */ run) => runs.filter((other) => other === run).length / runs.length;
  return [...new Set(runs)].sort().map((run) => `${run} ${share(run)}`).join();
}

/** A curve, and whose steps it shows before each step at which that changes. */
class Course {
  /** @param {Ancestor[][]} curve */
  constructor(curve) {
    this.curve = curve;
    this.turns = new Set(curve.flatMap((line) => line.map(({ until }) => until)));
    /** @type {Map<number, string>} */
    this.known = new Map();
  }

  /** @param {number} step */
  before(step) {
    const words = this.known.get(step) ?? owners(this.curve, step);
    this.known.set(step, words);
    return words;
  }

  /**
   * The step until which another one is the same; 0: they share nothing.
   * @param {Course} other
   */
  shared(other) {
    const turns = [...this.turns, ...other.turns].filter((step) => this.before(step) === other.before(step));
    return Math.max(0, ...turns);
  }
}

/**
 * The pasts of curves that are drawn together, so that what they share is drawn once.
 * @param {Ancestor[][][]} curves of each curve the lines of its runs: one, or those of a mean
 * @returns {Past[]}
 */
export function pastsOf(curves) {
  if (curves.every((curve) => curve.every((line) => line.length < 2))) return curves.map(() => ALONE);
  const courses = curves.map((curve) => new Course(curve));
  return courses.map((course, i) => {
    const steps = courses.map((other, j) => (i === j ? 0 : course.shared(other)));
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
