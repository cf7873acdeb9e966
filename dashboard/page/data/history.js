/* Reading what is stored: a run from its beginning, a lost interval, the detail of a range. */
import { ask, Refused } from "../api/ask.js";
import { MANY } from "../lib/limits.js";
import { parsed } from "../lib/numbers.js";
import { binsFor } from "./bins.js";
import { complete, lacking } from "./rest.js";

/** @import { Event, History, Run, SeriesAnswer } from "../api/schema.d.ts" */
/** @import { Bins } from "./bins.js" */
/** @import { Detail, Heard, Record } from "./record.js" */

/** @typedef {readonly [x0: number, x1: number]} Range of steps */
/** @typedef {() => boolean} Alive whether the answer is still of use */
/** @typedef {{ start: number, end: number, width: number, points: number }} Span what detail is read */
/** @typedef {{ points: number, whole: number }} Fineness `whole`: of fewer steps every one is read */

const POINTS = 1500;
const FEWER = 600; /* of many runs */
const FEWEST = 300; /* where each run is a hair among others */
const CROWD = 30; /* more runs than this */
const TOGETHER = 25; /* runs in one request */
/* What the first charts of many runs draw; their sparse series, which are short, come with it. */
const DRAWN = "rho.*,k.*,grad_norm_modulated.*,noise.*,loss,accuracy";
const TURN_MS = 24; /* of the page's thread, before it may draw */
const LOST = 4096;
/* Points of a range and a quarter of it to both sides: four for each pixel of a chart, of which the API makes
   the extremes of half as many buckets, so that each column of pixels has at least one of its own. A short
   range is read whole: no window within it is read again. */
const FINE = { each: 4, least: 1024, step: 512, most: 6144, whole: 4096, many: 2048 };
const PAUSE_MS = [300, 3000];

const later = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Ask again while the API is away; a refusal is final.
 * @template T
 * @param {string} path
 * @param {Alive} alive
 * @returns {Promise<T>}
 */
async function patiently(path, alive) {
  for (let pause = PAUSE_MS[0];; pause = Math.min(PAUSE_MS[1], 2 * pause)) {
    try {
      return await ask(path);
    } catch (error) {
      if (!alive() || (error instanceof Refused && error.status < 500)) throw error;
      await later(pause);
    }
  }
}

/**
 * @param {string} id
 * @param {{ [name: string]: string | number }} parameters
 */
function seriesPath(id, parameters) {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `/runs/${encodeURIComponent(id)}/series?${new URLSearchParams(texts)}`;
}

/**
 * Requests of many runs.
 * @param {string[]} ids
 * @param {string} dense the dense series; "": all
 */
function together(ids, dense) {
  const points = ids.length > CROWD ? FEWEST : FEWER;
  return Array.from({ length: Math.ceil(ids.length / TOGETHER) }, (_, i) => {
    const some = ids.slice(i * TOGETHER, (i + 1) * TOGETHER).join(",");
    const query = { runs: some, points: String(points), ...(dense ? { dense } : {}) };
    return `/runs/histories?${new URLSearchParams(query)}`;
  });
}

/**
 * Read many runs with few requests. Those that there are not, or not any more, are left as they are.
 * @param {Record[]} records
 * @param {boolean} all their series, or at first those that charts of many runs draw
 * @param {Alive} alive
 * @param {(record: Record) => void} loaded called with each run that was read
 */
export async function loadTogether(records, all, alive, loaded) {
  for (const record of records) record.partial = !all;
  await each(records, all ? "" : DRAWN, alive, async (record, history) => {
    await take(record, history, alive);
    loaded(record);
  });
}

/**
 * Read the other dense series of runs that were read in part.
 * @param {Record[]} records
 * @param {Alive} alive
 */
export async function loadRest(records, alive) {
  const names = new Set(records.flatMap(lacking));
  if (names.size) {
    await each(records, [...names].join(","), alive, (record, { series }) => complete(record, series));
  }
  for (const record of records) record.partial = false;
}

/**
 * Read runs together, and do something with each. The page's thread is left alone now and then.
 * @param {Record[]} records
 * @param {string} dense
 * @param {Alive} alive
 * @param {(record: Record, history: History) => unknown} act
 */
async function each(records, dense, alive, act) {
  const known = new Map(records.map((record) => [record.id, record]));
  await Promise.all(
    together(records.map(({ id }) => id), dense).map(async (path) => {
      const answer = /** @type {History[]} */ (await patiently(path, alive));
      let began = performance.now();
      for (const history of answer) {
        const record = known.get(history.run.id);
        if (!alive() || !record) return;
        await act(record, history);
        if (performance.now() - began < TURN_MS) continue;
        await later(0);
        began = performance.now();
      }
    }),
  );
}

/**
 * @param {string} id
 * @param {number} count
 */
function paths(id, count) {
  const run = `/runs/${encodeURIComponent(id)}`;
  const curves = seriesPath(id, { points: count > MANY ? FEWER : POINTS });
  return { run, events: `${run}/events`, curves };
}

/**
 * What was changed in the runs that a fork descends from; one that was deleted ends the line.
 * @param {Record} record
 * @param {Alive} alive
 */
async function lineage(record, alive) {
  let most = Infinity;
  let child = record.run;
  while (child?.parent) {
    most = Math.min(most, child.parent_step ?? most);
    const parent = `/runs/${encodeURIComponent(child.parent)}`;
    /** @type {Event[]} */
    const events = await patiently(`${parent}/events`, alive).catch(() => []);
    record.line.push({ run: child.parent, until: most });
    record.forked(most, events);
    child = /** @type {Run | null} */ (await patiently(parent, alive).catch(() => null));
    record.inherited.push(...(child?.series ?? []));
  }
}

/**
 * Read a run, its events, and its curves.
 * @param {Record} record
 * @param {number} count how many runs the page shows
 * @param {Alive} alive
 */
export async function load(record, count, alive) {
  const path = paths(record.id, count);
  const run = /** @type {Promise<Run>} */ (patiently(path.run, alive));
  const events = /** @type {Promise<Event[]>} */ (patiently(path.events, alive));
  const curves = /** @type {Promise<SeriesAnswer>} */ (patiently(path.curves, alive));
  for (const answer of [events, curves]) answer.catch(() => {});
  await take(record, { run: await run, events: await events, series: (await curves).series }, alive);
}

/**
 * An attempt has to be known before its rows.
 * @param {Record} record
 * @param {History} history
 * @param {Alive} alive
 */
async function take(record, { run, events, series }, alive) {
  record.run = run;
  await lineage(record, alive);
  for (const event of events) record.event(event);
  record.history(series, true);
}

/**
 * Read an interval again that was lost on the way.
 * @param {Record} record
 * @param {number} start
 * @param {number} end
 * @param {Alive} alive
 */
export async function refetch(record, start, end, alive) {
  /** @type {SeriesAnswer} */
  const answer = await patiently(seriesPath(record.id, { start, end, points: LOST }), alive);
  record.history(answer.series, false);
}

/**
 * How fine detail is read, for charts of a width and a number of runs.
 * @param {number} width of the widest chart, in CSS pixels; 0: not known yet
 * @param {number} count how many runs the page shows
 * @returns {Fineness}
 */
export function fineness(width, count) {
  const most = count > MANY ? FINE.many : FINE.most;
  const enough = FINE.step * Math.ceil(FINE.each * width / FINE.step);
  const points = width ? Math.min(most, Math.max(FINE.least, enough)) : most;
  return { points, whole: Math.max(points, Math.min(most, FINE.whole)) };
}

/**
 * Detail of a range and a quarter of it to both sides.
 * @param {Record} record
 * @param {Range} range
 * @param {string[]} names of the series
 * @param {Fineness} fine
 * @param {Alive} alive
 * @returns {Promise<Detail | null | undefined>} null when what is there is exact already, undefined when the
 *   detail that is there will do
 */
export async function detail(record, range, names, fine, alive) {
  if (!isCoarse(record) || range[0] > record.last) return null;
  const { start, end, points, width } = spanOf(range, fine);
  if (serves(record, range, width, names)) return undefined;
  const path = seriesPath(record.id, { start, end, points, names: names.join(",") });
  /** @type {SeriesAnswer} */
  const answer = await patiently(path, alive);
  /** @type {Map<string, Bins>} */
  const series = new Map();
  const { sparse } = record;
  for (const { name, steps, values } of answer.series) {
    if (sparse.has(name)) continue;
    const bins = binsFor(record.run, points + 2, Math.floor(start / width) * width, width);
    bins.expect(end);
    steps.forEach((step, i) => bins.add(step, parsed(values[i])));
    series.set(name, bins);
  }
  return { start, end, width, series };
}

/**
 * Whether a run has more rows than the page holds.
 * @param {Record} record
 */
const isCoarse = (record) => record.stats.rows < record.last + 1 || record.series.coarse;

/**
 * @param {Range} range
 * @param {Fineness} fine
 * @returns {Span}
 */
export function spanOf([x0, x1], fine) {
  const side = Math.ceil((x1 - x0) / 4);
  const [start, end] = [Math.max(0, x0 - side), x1 + side];
  const steps = end - start + 1;
  const points = steps <= fine.whole ? fine.whole : fine.points;
  return { start, end, points, width: 2 ** Math.max(0, Math.ceil(Math.log2(steps / points))) };
}

/**
 * Whether the detail that a record has is enough for a range.
 * @param {Record} record
 * @param {Range} range
 * @param {number} width
 * @param {string[]} names
 */
function serves({ zoomed, last }, [x0, x1], width, names) {
  if (!zoomed || zoomed.width > width) return false;
  if (zoomed.start > x0 || zoomed.end < Math.min(x1, last)) return false;
  return names.every((name) => zoomed.series.has(name));
}

/**
 * Add rows that arrived while the detail was read, and that the store may not have had yet.
 * @param {Detail} detail
 * @param {Heard[]} heard
 */
export function joined({ end, series }, heard) {
  for (const [{ names, steps, columns }, first] of heard) {
    names.forEach((name, c) => {
      const bins = series.get(name);
      for (let i = first; bins && i < steps.length && steps[i] <= end; i++) bins.add(steps[i], columns[c][i]);
    });
  }
}
