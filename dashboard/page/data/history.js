/* Reading what is stored: a run from its beginning, a lost stretch, the detail of a range. Tries until it works. */
import { ask } from "../api/ask.js";
import { Bins } from "./bins.js";
import { parsed } from "../lib/numbers.js";
import { address } from "../shell/address.js";

const POINTS = 1500;
const FEWER = 600; /* of many runs */
const MANY = 12;
const LOST = 4096;
const FINE = { few: 6144, many: 2048 }; /* points of a range and some more to both sides */
const EARLY_MS = 20_000; /* an answer asked for so long ago is asked for again */

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Ask again while the API is away; an answer that says no is final. */
async function patiently(path, alive) {
  for (let pause = 300;; pause = Math.min(3000, 2 * pause)) {
    try {
      return await ask(path);
    } catch (error) {
      if (!alive() || (error.status && error.status < 500)) throw error;
      await later(pause);
    }
  }
}

const seriesPath = (id, parameters) => `/runs/${id}/series?${new URLSearchParams(parameters)}`;

/* Asked for while the page's frame is still on its way; whoever loads the run takes the answers. */
const early = new Map();

export function readAhead() {
  const ids = location.pathname === "/watch" ? address.list("runs") : [];
  for (const id of ids.slice(0, 6)) {
    for (const path of paths(id, ids.length)) {
      const answer = ask(path);
      answer.catch(() => {});
      early.set(path, answer);
    }
  }
  setTimeout(() => early.clear(), EARLY_MS);
}

const paths = (id, count) => {
  const run = `/runs/${encodeURIComponent(id)}`;
  return [
    run,
    `${run}/events`,
    seriesPath(encodeURIComponent(id), { points: count > MANY ? FEWER : POINTS }),
  ];
};

/* What was asked for early, once, or asked for now. */
function soon(path, alive) {
  const answer = early.get(path);
  early.delete(path);
  return answer ? answer.catch(() => patiently(path, alive)) : patiently(path, alive);
}

/* What was changed in the runs that a fork goes on from; one that was deleted ends the line. */
async function lineage(record, alive) {
  for (let child = record.run, most = Infinity; child?.parent;) {
    most = Math.min(most, child.parent_step);
    const parent = `/runs/${encodeURIComponent(child.parent)}`;
    const known = await patiently(`${parent}/events`, alive).catch(() => []);
    record.forked(most, known);
    child = await patiently(parent, alive).catch(() => null);
    record.inherited.push(...(child?.series ?? []));
  }
}

/* Run, events, then curves: taken in this order, so that an attempt is known before its rows. `count`: runs there are. */
export async function load(record, count, alive) {
  const [run, events, curves] = paths(record.id, count).map((path) => soon(path, alive));
  for (const later of [events, curves]) later.catch(() => {});
  record.run = await run;
  await lineage(record, alive);
  for (const event of await events) record.event(event);
  record.history((await curves).series, true);
}

/* A stretch that was lost on the way. */
export async function refetch(record, start, end, alive) {
  record.history((await patiently(seriesPath(record.id, { start, end, points: LOST }), alive)).series, false);
}

/* Detail of a range and a quarter of it to both sides, as bins of its own; null when what is there is exact already,
   undefined when the detail that is there will do. `names`: of which series; `count`: of so many runs. */
export async function detail(record, [x0, x1], names, count, alive) {
  const coarse = [...record.series.values()].some((c) => c.width > 1) || record.stats.rows < record.last + 1;
  if (!coarse || x0 > record.last) return null;
  const side = Math.ceil((x1 - x0) / 4);
  const [start, end] = [Math.max(0, x0 - side), x1 + side];
  const points = count > MANY ? FINE.many : FINE.few;
  const width = 2 ** Math.max(0, Math.ceil(Math.log2((end - start + 1) / points)));
  const fine = record.zoomed;
  if (
    fine && fine.start <= x0 && fine.end >= Math.min(x1, record.last) && fine.width <= width &&
    names.every((name) => fine.series.has(name))
  ) return undefined;
  const answer = await patiently(
    seriesPath(record.id, { start, end, points, names: names.join(",") }),
    alive,
  );
  const series = new Map();
  for (const { name, steps, values } of answer.series) {
    if (record.isSparse(name)) continue;
    const bins = new Bins(points + 2, Math.floor(start / width) * width, width);
    bins.expect(end);
    steps.forEach((step, i) => bins.add(step, parsed(values[i])));
    series.set(name, bins);
  }
  return { start, end, width, series };
}

/* Rows that came while the detail was read, and that the store may not have had yet. */
export function joined({ end, series }, heard) {
  for (const [{ names, steps, columns }, first] of heard) {
    names.forEach((name, c) => {
      const bins = series.get(name);
      for (let i = first; bins && i < steps.length && steps[i] <= end; i++) bins.add(steps[i], columns[c][i]);
    });
  }
}
