/* The columns that the table of runs can have, and which of them there is room for. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;
  const KEY = "rhoscope-runs-columns";
  const FIRST = ["state", "progress", "rho", "accuracy", "settings.alpha", "settings.seed", "best", "test", "tags"];
  /* The order in which columns go where there is no room and the user chose none. */
  const SPARED = ["tags", "test", "settings.seed", "settings.alpha", "progress", "accuracy", "best", "state"];
  const CARD = ["state", "progress", "rho", "accuracy", "best"]; /* on a phone */
  const NAME_PX = 200; /* at least */
  const FIXED_PX = 36 + NAME_PX + 48; /* to choose, name, stop */

  const accuracy = (value) => (value === undefined || value === null ? "–" : rhoscope.percent(rhoscope.parsed(value)));
  const took = (run) => (run.started ? rhoscope.duration((run.finished ?? Date.now() / 1000) - run.started) : "–");

  /* What stands below a bar where there is little room: "312 steps · 0:12 left". */
  function brief(run) {
    if (run.state === "queued") return "waiting";
    if (run.state === "starting") return "starting";
    const left = run.state === "running" && run.eta_s !== null && run.eta_s !== undefined ? `${rhoscope.duration(run.eta_s)} left` : "";
    return [`${rhoscope.short(run.step)} steps`, left || (run.finished ? took(run) : "")].filter(Boolean).join(" · ");
  }

  /* A column that is a text; `text(run)` says it. */
  const plain = (title, width, text, options = {}) => ({
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
  const number = (title, width, text, sort) => plain(title, width, text, { sort, right: true });

  const spark = (kind, title, width, about) => ({
    title,
    width,
    about,
    make() {
      const chart = new rhoscope.Spark(kind);
      const now = el("span", { class: "spark-now" });
      return {
        element: el("div", { class: "spark-cell" }, chart.element, kind === "rho" ? now : null),
        fill(run, data) {
          chart.fill(run, data);
          const lead = kind === "rho" && data ? rhoscope.leader(run) : null;
          say(now, lead ? lead.rho.toFixed(lead.rho < 9.95 ? 1 : 0) : "");
          now.title = lead ? `${lead.modality} is ahead: rho ${rhoscope.number(lead.rho)}` : "";
        },
      };
    },
  });

  const badge = {
    title: "State",
    width: 102,
    sort: "state",
    make() {
      const element = rhoscope.badge("queued");
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

  const progress = {
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
          text.title = rhoscope.progress(run);
        },
      };
    },
  };

  const tags = {
    title: "Tags",
    width: 150,
    make() {
      const element = el("div", { class: "tags" });
      return { element, fill: (run) => rhoscope.fillTags(element, run.tags) };
    },
  };

  const COLUMNS = {
    state: badge,
    progress,
    rho: spark("rho", "rho", 118, "Discrepancy ratio of each modality from an eighth to eight, on a logarithmic scale; the line in the middle is 1. The number is that of the modality that is ahead now."),
    accuracy: spark("accuracy", "Accuracy", 90, "From 0 to 1: training faint, validation strong."),
    best: number("Best val.", 88, (run) => accuracy(run.best?.["val.accuracy"]), "best"),
    test: number("Test", 80, (run) => accuracy(run.last?.["test.accuracy"]), "test"),
    tags,
    strategy: plain("Strategy", 130, (run) => run.spec.strategy, { sort: "strategy" }),
    dataset: plain("Data set", 120, (run) => run.spec.dataset, { sort: "dataset" }),
    fusion: plain("Fusion", 90, (run) => run.spec.fusion, { sort: "fusion" }),
    duration: number("Duration", 100, took, "duration"),
    step: number("Step", 90, (run) => rhoscope.whole(run.step), "step"),
    worker: plain("Worker", 150, (run) => run.worker || "–", { sort: "worker" }),
    created: plain("Created", 110, (run) => rhoscope.ago(run.created), { sort: "created" }),
    id: plain("Id", 120, (run) => run.id),
    notes: plain("Notes", 200, (run) => run.notes || "–"),
  };

  /* A column by its name; any setting is one. Null: there is no such column. */
  function column(name) {
    if (COLUMNS[name]) return COLUMNS[name];
    if (!/^settings\.\w+$/.test(name)) return null;
    const setting = name.slice("settings.".length);
    return number(setting, Math.min(160, Math.max(74, 9 * setting.length + 34)), (run) => (run.settings[setting] === undefined || run.settings[setting] === null ? "–" : rhoscope.plain(run.settings[setting])), name);
  }

  /* Tags as small labels, changed only where they differ. */
  rhoscope.fillTags = function (element, names) {
    const key = names.join("\n");
    if (element.dataset.tags === key) return;
    element.dataset.tags = key;
    element.replaceChildren(...names.map((name) => el("span", { class: "tag", title: name }, name)));
  };

  /* What stands in the address, or was chosen last, or nothing: then it is chosen by the room there is. */
  function chosen() {
    const given = rhoscope.address.list("columns");
    if (given.length) return given.filter(column);
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((name) => column(name));
      if (kept.length) rhoscope.address.set({ columns: kept });
      return kept;
    } catch {
      return [];
    }
  }

  /* Remember a choice; an empty one is none. */
  function choose(names) {
    rhoscope.address.set({ columns: names });
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

  const template = (names) => `36px minmax(${NAME_PX}px, 1fr) ${names.map((name) => `${column(name).width}px`).join(" ")} 48px`;
  const wide = (names) => FIXED_PX + names.reduce((sum, name) => sum + column(name).width, 0);

  rhoscope.columns = { all: Object.keys(COLUMNS), card: CARD, column, chosen, choose, fitting, template, wide };
})();
