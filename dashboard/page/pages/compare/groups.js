/* The answer of GET /groups for a comparison: curves and final numbers, read only when something is new. */
import { ask } from "../../api/ask.js";
import { covers, LIKELY, modalitiesOf, orderedSeries, usualSeries } from "./series.js";

/** @import { Groups, Run, Series } from "../../api/schema.d.ts" */
/** @import { BandBoard } from "../../bands/board.js" */
/** @import { Look } from "./look.js" */
/**
 * An answer; `align` is the axis that it was requested for, `news` what it depends on.
 * @typedef {Groups & { align: string, news: string }} Answer
 */

/**
 * A request that was sent before the runs were read.
 * @typedef {{ query: string, answer: Promise<Groups> }} Early
 */

const SURE_S = 60; /* more than clocks differ, and than a request takes */

/**
 * The run that others are compared with where none was chosen: one of joint training, or the first.
 * @param {Pick<Run, "id" | "spec" | "course">[]} runs
 */
export const usualBase = (runs) =>
  (runs.find(({ spec, course }) => spec.strategy === "joint" && !course?.strategy) ?? runs[0])?.id ?? "";

/**
 * Parameters of the request that do not depend on what is drawn.
 * @param {string[]} ids
 * @param {string} base a run of the baseline; "": none
 * @param {string[]} by
 * @returns {Record<string, string>}
 */
const subject = (ids, base, by) => ({
  runs: ids.join(","),
  by: by.join(",") || "run",
  whole: "k.*",
  ...(base ? { baseline: base } : {}),
});

/**
 * The run whose group is the baseline; "" where none was chosen and each run stands alone.
 * @param {Run[]} runs
 * @param {Pick<Look, "by" | "base">} look
 */
function baseOf(runs, { by, base }) {
  const known = runs.some((run) => run.id === base);
  return known || by.length ? (known ? base : usualBase(runs)) : "";
}

/**
 * Whether nothing of these runs has changed for a while: an answer that was requested before they were read
 * is of the same state.
 * @param {Run[]} runs
 */
const settled = (runs) => runs.every(({ finished }) => finished && Date.now() / 1000 - finished > SURE_S);

/**
 * @param {Record<string, string>} about
 * @param {Record<string, string>} curves
 * @param {string} align
 */
const queryOf = (about, curves, align) => String(new URLSearchParams({ ...about, ...curves, align }));

/* The series of the compared runs, and the newest answer. */
export class GroupReader {
  constructor() {
    /** @type {Series[] | null} in the order of their cards; null before anything was read */
    this.declared = null;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {string[]} names of the series that were requested */
    this.requested = [];
    /** @type {Early | null} */
    this.early = null;
  }

  /**
   * Send the first request before the runs are read, where it does not depend on them.
   * @param {string[]} ids
   * @param {Look} look
   * @param {(names: string[]) => ReturnType<BandBoard["query"]>} curves
   */
  begin(ids, look, curves) {
    if (!ids.length || look.base || look.by.length || this.declared) return;
    const names = look.series.length ? look.series : LIKELY;
    const query = queryOf(subject(ids, "", []), curves(names), look.align);
    const answer = /** @type {Promise<Groups>} */ (ask(`/groups?${query}&present=true`));
    answer.catch(() => {}); /* whoever waits for it hears of it */
    this.early = { query, answer };
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
    const about = subject(runs.map((run) => run.id), baseOf(runs, look), look.by);
    const modalities = modalitiesOf(runs);
    this.requested = this._wanted(runs, look);
    const query = queryOf(about, curves(this.requested), look.align);
    const known = `${query} ${runs.map((run) => `${run.step} ${run.state} ${run.attempt}`)}`;
    if (known === this.answer?.news) return this.answer;
    const { answer, sure } = await this._ask(query, runs);
    const news = sure ? known : "";
    const declared = orderedSeries(answer.declared, modalities);
    const first = !this.declared;
    if (first || current()) this.declared = declared;
    if (first && this._wanted(runs, look) !== this.requested) {
      return await this.read(runs, look, curves, current);
    }
    return { ...answer, align: look.align, news };
  }

  /**
   * The answer, perhaps of the request that was sent early; `sure`: it is as new as the runs are.
   * @param {string} query
   * @param {Run[]} runs
   * @returns {Promise<{ answer: Groups, sure: boolean }>}
   */
  async _ask(query, runs) {
    const { early } = this;
    this.early = null;
    if (early?.query === query) return { answer: await early.answer, sure: settled(runs) };
    return { answer: await ask(`/groups?${query}`), sure: true };
  }

  /**
   * The names to request: those requested before, as long as all that are drawn are among them. Before any
   * declaration was read they are the likely ones, so that the first answer has all there is to draw.
   * @param {Run[]} runs
   * @param {Look} look
   */
  _wanted(runs, look) {
    if (!this.declared && !look.series.length) return LIKELY;
    const names = this.names(runs, look);
    const modalities = modalitiesOf(runs);
    const among = names.every((name) => covers(this.requested, name, modalities));
    return among && !look.series.length ? this.requested : names;
  }
}
