/* What happened to a run at a step. Pure. */

/**
 * Such as a changed setting; `calm`: nothing about the training, so that no curve jumps there.
 * @typedef {{ step: number, text: string, calm?: true }} Mark
 */

/**
 * Marks with one more, unless it is among them.
 * @param {Mark[]} marks
 * @param {Mark} mark
 */
export const withMark = (marks, mark) =>
  marks.some(({ step, text }) => step === mark.step && text === mark.text) ? marks : [...marks, mark];

/**
 * The steps where the training changed, across which nothing is smoothed.
 * @param {Mark[]} marks
 */
export const breaksOf = (marks) => marks.filter((mark) => !mark.calm).map((mark) => mark.step);
