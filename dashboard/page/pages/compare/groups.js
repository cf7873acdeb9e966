/* The answer of GET /groups for a comparison: curves and final numbers, read only when something is new. */
import { ask } from "../../api/ask.js";
import { likelySeries, modalitiesOf, orderedSeries, usualSeries } from "./series.js";

/** @import { Groups, Run, Series } from "../../api/schema.d.ts" */
/** @import { BandBoard } from "../../bands/board.js" */
/** @import { Look } from "./look.js" */
/**
 * An answer; `align` is the axis that it was requested for, `news` what it depends on.
 * @typedef {Groups & { align: string, news: string }} Answer
 */

/**
 * The run that others are compared with where none was chosen: one of joint training, or the first.
 * @param {Pick<Run, "id" | "spec" | "course">[]} runs
 */
export const usualBase = (runs) =>
  (runs.find(({ spec, course }) => spec.strategy === "joint" && !course?.strategy) ?? runs[0])?.id ?? "";

/**
 * Parameters of the request that do not depend on what is drawn.
 * @param {Run[]} runs
 * @param {Pick<Look, "by" | "base">} look
 */
function subject(runs, { by, base: chosen }) {
  const known = runs.some((run) => run.id === chosen);
  const base = known ? chosen : usualBase(runs);
  return {
    runs: runs.map((run) => run.id).join(","),
    by: by.join(",") || "run",
    whole: runs[0].modalities.map((m) => `k.${m}`).join(","),
    ...(known || by.length ? { baseline: base } : {}),
  };
}

/* The series of the compared runs, and the newest answer. */
export class GroupReader {
  constructor() {
    /** @type {Series[] | null} in the order of their cards; null before anything was read */
    this.declared = null;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {string[]} names of the series that were requested */
    this.requested = [];
  }

  /**
   * The names of the series that are drawn: those chosen, or the usual ones.
   * @param {Run[]} runs
   * @param {Look} look
   */
  names(runs, { series }) {
    return series.length ? series : usualSeries(this.declared ?? [], modalitiesOf(runs));
  }

  /**
   * @param {Run[]} runs at least one
   * @param {Look} look
   * @param {(names: string[]) => ReturnType<BandBoard["query"]>} curves parameters for the curves of series
   * @param {() => boolean} current whether nothing newer has been requested meanwhile
   * @returns {Promise<Answer>}
   */
  async read(runs, look, curves, current) {
    const about = subject(runs, look);
    const modalities = modalitiesOf(runs);
    this.requested = this._wanted(runs, look);
    const query = new URLSearchParams({ ...about, ...curves(this.requested), align: look.align });
    const news = `${query} ${runs.map((run) => `${run.step} ${run.state} ${run.attempt}`)}`;
    if (news === this.answer?.news) return this.answer;
    /** @type {Groups} */
    const answer = await ask(`/groups?${query}`);
    const declared = orderedSeries(answer.declared, modalities);
    const first = !this.declared;
    if (first || current()) this.declared = declared;
    if (first && this._wanted(runs, look) !== this.requested) {
      return await this.read(runs, look, curves, current);
    }
    return { ...answer, align: look.align, news };
  }

  /**
   * The names to request: those requested before, as long as all that are drawn are among them. Before any
   * declaration was read they are the likely ones, so that the first answer has all there is to draw.
   * @param {Run[]} runs
   * @param {Look} look
   */
  _wanted(runs, look) {
    if (!this.declared && !look.series.length) return likelySeries(modalitiesOf(runs));
    const names = this.names(runs, look);
    const among = names.every((name) => this.requested.includes(name));
    return among && !look.series.length ? this.requested : names;
  }
}
