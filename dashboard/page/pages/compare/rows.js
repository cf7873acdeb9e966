/* What the table of a comparison says: results, and settings that differ. Pure functions of runs and groups. */
import { number, parsed, percent, whole } from "../../lib/numbers.js";
import { duration } from "../../lib/times.js";
import { plain } from "../../lib/values.js";

const PLUGINS = ["dataset", "fusion", "strategy"];
const ENDED = ["completed", "failed", "stopped", "lost"];

/* Everything a run was given, by name, as the API groups by it. */
function facts(run) {
  const plugins = Object.fromEntries(PLUGINS.map((name) => [name, run.spec[name]]));
  const encoders = Object.fromEntries(
    Object.entries(run.spec.encoders ?? {}).map(([modality, name]) => [`encoders.${modality}`, name]),
  );
  return { ...plugins, ...encoders, ...run.settings };
}

const shown = (
  value,
) => (value === undefined
  ? "–"
  : typeof value === "object" && value !== null
  ? JSON.stringify(value)
  : plain(value));
const heading = (name) => name.replaceAll("_", " ");

/* Names of all facts, those with more than one value among the runs first. */
function names(runs) {
  const given = runs.map(facts);
  const all = [...new Set(given.flatMap((one) => Object.keys(one)))];
  const differ = (name) => new Set(given.map((one) => JSON.stringify(one[name]))).size > 1;
  return { differing: all.filter(differ), equal: all.filter((name) => !differ(name)) };
}

/* A row a setting. `columns`: [{members}], `base` the place of the one that others are held against; `by` settings come first. */
function settings(columns, base, equal, by) {
  const found = names(columns.flatMap((column) => column.members));
  const first = (name) => (by.includes(name) ? 0 : 1);
  found.differing.sort((a, b) => first(a) - first(b));
  const rows = (list, same) =>
    list.map((name) => {
      const texts = columns.map(({ members }) =>
        [...new Set(members.map((run) => shown(facts(run)[name])))].sort(order).join(", ")
      );
      return {
        key: `setting ${name}`,
        head: heading(name),
        same,
        cells: texts.map((text) => ({ text, differs: text !== texts[base] })),
      };
    });
  return [...rows(found.differing, false), ...(equal ? rows(found.equal, true) : [])];
}

const order = (a, b) => Number(a) - Number(b) || a.localeCompare(b);

/* A row a result. Columns are {members, final, whole, differences, alone}; `modalities` of all runs. */
function results(columns, modalities) {
  const each = (take) => columns.map(({ members }) => members.map(take).filter((v) => Number.isFinite(v)));
  const spreads = (key, name) => columns.map((column) => values(column[key]?.[name]));
  const rows = [
    { key: "state", head: "State", cells: columns.map(({ members }) => ({ text: states(members) })) },
    ...accuracy(columns, "best", "Best val. accuracy"),
    ...accuracy(columns, "test.accuracy", "Test accuracy"),
    row("step", "Steps", each((run) => run.step), whole),
    row(
      "took",
      "Duration",
      each((run) => (run.started ? (run.finished ?? Date.now() / 1000) - run.started : NaN)),
      lasting,
    ),
    ...modalities.map((m) =>
      row(`rho.${m}`, `rho of ${m} at the end`, each((run) => parsed(run.last[`rho.${m}`])), brief)
    ),
    ...modalities.map((m) => row(`k.${m}`, `Mean k of ${m}`, spreads("whole", `k.${m}`), brief)),
  ];
  return rows.filter(Boolean);
}

const values = (spread) => Object.values(spread?.values ?? {}).map(parsed).filter(Number.isFinite);

function row(key, head, columns, words) {
  if (columns.every((list) => !list.length)) return null;
  return { key, head, cells: columns.map((list) => ({ text: spread(list, words) })) };
}

/* "0.71", or "0.71 ± 0.02" of several. */
function spread(list, words) {
  if (!list.length) return "–";
  const mean = list.reduce((sum, v) => sum + v, 0) / list.length;
  if (list.every((v) => v === list[0])) return words(mean);
  const deviation = Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (list.length - 1));
  const digits = (words(mean).split(".")[1] ?? "").length;
  const apart = words === brief ? deviation.toFixed(digits) : words(deviation);
  return `${words(mean)} ± ${apart}`.replace(/ (%|s) ±/, " ±");
}

/* The row of an accuracy, and with groups the one of its differences to the baseline. */
function accuracy(columns, name, head) {
  const lists = columns.map((column) => values(column.final?.[name]));
  const made = row(name, head, lists, percent);
  if (!made) return [];
  const means = lists.map((
    list,
  ) => (list.length ? list.reduce((sum, v) => sum + v, 0) / list.length : -Infinity));
  const most = Math.max(...means);
  made.cells.forEach((cell, i) => (cell.strong = columns.length > 1 && means[i] === most));
  const told = columns.map((column) => column.differences?.[name]);
  if (!told.some(Boolean)) return [made];
  return [made, {
    key: `${name} difference`,
    head: "… difference, seed by seed",
    cells: told.map((one, i) => difference(one, columns[i])),
  }];
}

/* "+2.1 points, 95 %: 0.4 … 3.8", strong where the interval leaves 0 out. */
function difference(found, column) {
  if (column.base) return { text: "baseline" };
  if (!found?.pairs) return { text: "no common seed" };
  const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;
  const { mean, low, high, pairs } = found;
  if (low === null) {
    return {
      text: `${points(mean)} points`,
      note: `${pairs} common ${pairs === 1 ? "seed" : "seeds"}; an interval needs 3`,
    };
  }
  return {
    text: `${points(mean)} points`,
    note: `95 %: ${points(low)} … ${points(high)}, ${pairs} seeds`,
    strong: low > 0 || high < 0,
  };
}

function states(runs) {
  if (runs.length === 1) return runs[0].state;
  const counts = new Map();
  for (const run of runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return [...counts].map(([state, n]) => `${n} ${state}`).join(", ");
}

/* Names without the words that all of them have; of long ones the beginning and the end. */
function short(labels) {
  const words = labels.map((label) => label.split(" "));
  const shared = (word) => labels.length > 1 && words.every((list) => list.includes(word));
  return labels.map((label, i) => {
    const own = words[i].filter((word) => !shared(word)).join(" ") || label;
    return own.length > 40 ? `${own.slice(0, 16).trim()} … ${own.slice(-21).trim()}` : own;
  });
}

const brief = (value) => number(Number(value.toPrecision(3)));
const lasting = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds));
const ended = (run) => ENDED.includes(run.state);

export const comparison = { facts, names, settings, results, shown, heading, short, ended };
