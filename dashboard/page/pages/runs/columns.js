/* The columns that the table of runs can have, and which of them there is room for. */
import { el, say } from "../../lib/element.js";
import { number, parsed, percent, short, whole } from "../../lib/numbers.js";
import { ago, duration } from "../../lib/times.js";
import { plain } from "../../lib/values.js";
import { leader, Spark } from "../../runs/spark.js";
import { badge, progress } from "../../runs/state.js";
import { fillTags } from "../../runs/tags.js";
import { address } from "../../shell/address.js";

const KEY = "rhoscope-runs-columns";
const FIRST = [
  "state",
  "progress",
  "rho",
  "accuracy",
  "settings.alpha",
  "settings.seed",
  "best",
  "test",
  "tags",
];
/* The order in which columns go where there is no room and the user chose none. */
const SPARED = ["tags", "test", "settings.seed", "settings.alpha", "progress", "accuracy", "best", "state"];
const CARD = ["state", "progress", "rho", "accuracy", "best"]; /* on a phone */
const NAME_PX = 200; /* at least */
const FIXED_PX = 36 + NAME_PX + 48; /* to choose, name, stop */

const accuracy = (value) => (value === undefined || value === null ? "–" : percent(parsed(value)));
const took = (run) => (run.started ? duration((run.finished ?? Date.now() / 1000) - run.started) : "–");

/* What stands below a bar where there is little room: "312 steps · 0:12 left". */
function brief(run) {
  if (run.state === "queued") return "waiting";
  if (run.state === "starting") return "starting";
  const left = run.state === "running" && run.eta_s !== null && run.eta_s !== undefined
    ? `${duration(run.eta_s)} left`
    : "";
  return [`${short(run.step)} steps`, left || (run.finished ? took(run) : "")].filter(Boolean).join(" · ");
}

/* A column that is a text; `text(run)` says it. */
const textual = (title, width, text, options = {}) => ({
  title,
  width,
  ...options,
  make() {
    const element = el("span", { class: "cell-text" });
    return {
      element,
      fill(run) {
        const now = text(run);
        say(element, now);
        element.title = now;
      },
    };
  },
});
const numeric = (title, width, text, sort) => textual(title, width, text, { sort, right: true });

const spark = (kind, title, width, about) => ({
  title,
  width,
  about,
  make() {
    const chart = new Spark(kind);
    const now = el("span", { class: "spark-now" });
    return {
      element: el("div", { class: "spark-cell" }, chart.element, kind === "rho" ? now : null),
      fill(run, data) {
        chart.fill(run, data);
        const lead = kind === "rho" && data ? leader(run) : null;
        say(now, lead ? lead.rho.toFixed(lead.rho < 9.95 ? 1 : 0) : "");
        now.title = lead ? `${lead.modality} is ahead: rho ${number(lead.rho)}` : "";
      },
    };
  },
});

const badgeColumn = {
  title: "State",
  width: 102,
  sort: "state",
  make() {
    const element = badge("queued");
    return {
      element,
      fill(run) {
        say(element, run.state);
        element.dataset.state = run.state;
        element.title = run.reason;
      },
    };
  },
};

const progressColumn = {
  title: "Progress",
  width: 126,
  sort: "progress",
  make() {
    const fill = el("div", { class: "bar-fill" });
    const text = el("div", { class: "muted small cell-text" });
    return {
      element: el("div", { class: "progress-cell" }, el("div", { class: "bar" }, fill), text),
      fill(run) {
        fill.style.width = `${100 * run.progress}%`;
        say(text, brief(run));
        text.title = progress(run);
      },
    };
  },
};

const tags = {
  title: "Tags",
  width: 150,
  make() {
    const element = el("div", { class: "tags" });
    return { element, fill: (run) => fillTags(element, run.tags) };
  },
};

const COLUMNS = {
  state: badgeColumn,
  progress: progressColumn,
  rho: spark(
    "rho",
    "rho",
    118,
    "Discrepancy ratio of each modality from an eighth to eight, on a logarithmic scale; the line in the middle is 1. The number is that of the modality that is ahead now.",
  ),
  accuracy: spark("accuracy", "Accuracy", 90, "From 0 to 1: training faint, validation strong."),
  best: numeric("Best val.", 88, (run) => accuracy(run.best?.["val.accuracy"]), "best"),
  test: numeric("Test", 80, (run) => accuracy(run.last?.["test.accuracy"]), "test"),
  tags,
  strategy: textual("Strategy", 130, (run) => run.spec.strategy, { sort: "strategy" }),
  dataset: textual("Data set", 120, (run) => run.spec.dataset, { sort: "dataset" }),
  fusion: textual("Fusion", 90, (run) => run.spec.fusion, { sort: "fusion" }),
  duration: numeric("Duration", 100, took, "duration"),
  step: numeric("Step", 90, (run) => whole(run.step), "step"),
  worker: textual("Worker", 150, (run) => run.worker || "–", { sort: "worker" }),
  created: textual("Created", 110, (run) => ago(run.created), { sort: "created" }),
  id: textual("Id", 120, (run) => run.id),
  notes: textual("Notes", 200, (run) => run.notes || "–"),
};

/* A column by its name; any setting is one. Null: there is no such column. */
function column(name) {
  if (COLUMNS[name]) return COLUMNS[name];
  if (!/^settings\.\w+$/.test(name)) return null;
  const setting = name.slice("settings.".length);
  return numeric(
    setting,
    Math.min(160, Math.max(74, 9 * setting.length + 34)),
    (
      run,
    ) => (run.settings[setting] === undefined || run.settings[setting] === null
      ? "–"
      : plain(run.settings[setting])),
    name,
  );
}

/* What stands in the address, or was chosen last, or nothing: then it is chosen by the room there is. */
function chosen() {
  const given = address.list("columns");
  if (given.length) return given.filter(column);
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((name) => column(name));
    if (kept.length) address.set({ columns: kept });
    return kept;
  } catch {
    return [];
  }
}

/* Remember a choice; an empty one is none. */
function choose(names) {
  address.set({ columns: names });
  try {
    localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    /* a browser that stores nothing forgets the choice, no more */
  }
}

/* The first choice, less what `width` pixels have no room for. */
function fitting(width) {
  let names = FIRST;
  const needed = () => FIXED_PX + names.reduce((sum, name) => sum + column(name).width, 0);
  for (const spared of SPARED) {
    if (needed() <= width) break;
    names = names.filter((name) => name !== spared);
  }
  return names;
}

const template = (names) =>
  `36px minmax(${NAME_PX}px, 1fr) ${names.map((name) => `${column(name).width}px`).join(" ")} 48px`;
const wide = (names) => FIXED_PX + names.reduce((sum, name) => sum + column(name).width, 0);

export const runColumns = {
  all: Object.keys(COLUMNS),
  card: CARD,
  column,
  chosen,
  choose,
  fitting,
  template,
  wide,
};
