/* Who trains what, and who waits in which order; asked for every two seconds, changed in place. */
import { ask, send } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { List } from "../../lib/list.js";
import { ago } from "../../lib/times.js";
import { progress } from "../../runs/state.js";
import { complain } from "../../shell/banner.js";
import { Renewed } from "../../shell/poll.js";

const GIB = 2 ** 30;
const MOST = 1000; /* runs that are asked for */

const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);

class Workers extends Renewed {
  constructor(root) {
    super(root);
    const columns = [["worker", "Worker"], ["run", "Trains"], ["vital", "Memory"], ["vital", "Load"], [
      "num",
      "Heard",
    ], ["act", ""]];
    this.workers = new List(root.querySelector("#workers-list"), "Workers", columns, [
      "No worker lives",
      "Runs wait until one is started: rhoscope worker. It may be on any machine that reaches Redis.",
    ]);
    const places = [["num c-aside", ""], ["run", "Run"], ["num c-aside", "Priority"], ["num", "Waits"], [
      "act",
      "",
    ]];
    this.queue = new List(root.querySelector("#queue-list"), "Queue", places, [
      "Nobody waits",
      "Every run that was launched has a worker, or has ended.",
    ]);
    this.renew();
  }

  async load() {
    const [workers, training, queued] = await Promise.all([
      ask("/workers"),
      ask(`/runs?state=starting,running,pausing,stopping&limit=${MOST}`),
      ask(`/runs?state=queued&sort=created&limit=${MOST}`),
    ]);
    if (!this.alive) return;
    const runs = new Map(training.runs.map((run) => [run.id, run]));
    this.workers.show(
      workers.map((worker) => ({ ...worker, key: worker.name, training: runs.get(worker.run) })),
      (worker) => this._worker(worker),
      workers.length,
    );
    const turns = queued.runs.sort((a, b) => b.priority - a.priority || a.created - b.created);
    this.ends = [turns[0]?.priority ?? 0, turns.at(-1)?.priority ?? 0];
    this.queue.show(turns.map((run) => ({ ...run, key: run.id })), (run) => this._waiting(run), queued.total);
  }

  async _tell(method, path, body) {
    try {
      await send(method, path, body);
      complain("");
    } catch (error) {
      complain(error.message);
    }
    if (this.alive) this.renew();
  }

  _worker(worker) {
    const name = el("div", { class: "strong" }, worker.name);
    const device = el("div", { class: "muted small" });
    const link = el("a", { class: "run-link" });
    const fill = el("div", { class: "bar-fill" });
    const bar = el("div", { class: "bar" }, fill);
    const about = el("div", { class: "muted small" });
    const memory = vital();
    const load = vital();
    const heard = cell("num");
    const word = el("span", {}, "Drain");
    const drain = el(
      "button",
      { type: "button", class: "button button-quiet", "data-action": "drain" },
      word,
    );
    drain.addEventListener(
      "click",
      () => this._tell("PATCH", `/workers/${encodeURIComponent(worker.name)}`, { draining: !drain.draining }),
    );
    const element = el(
      "tr",
      { "data-worker": worker.name },
      cell("worker", name, device),
      cell("run", link, bar, about),
      vitalCell("Memory", memory),
      vitalCell("Load", load),
      heard,
      cell("act", drain),
    );
    const show = (now) => {
      const run = now.training;
      say(
        device,
        [now.device, now.temperature === null ? "" : `${Math.round(now.temperature)} °C`].filter(Boolean)
          .join(" · "),
      );
      say(link, run ? run.name : now.run ? `run ${now.run}` : now.draining ? "draining" : "idle");
      if (now.run) link.setAttribute("href", `/watch?runs=${now.run}`);
      else link.removeAttribute("href");
      bar.hidden = !run;
      fill.style.width = `${100 * (run?.progress ?? 0)}%`;
      say(about, run ? progress(run) : "");
      memory.show(
        now.memory_total ? now.memory_used / now.memory_total : null,
        now.memory_total ? `${gib(now.memory_used)} of ${gib(now.memory_total)} GiB` : "",
      );
      load.show(now.utilisation, now.utilisation === null ? "" : `${Math.round(100 * now.utilisation)} %`);
      say(heard, ago(now.seen));
      drain.draining = now.draining;
      say(word, now.draining ? "Take part again" : "Drain");
      drain.title = now.draining ? "Let it take runs again" : "Finish what it trains and take nothing new";
      element.dataset.draining = String(now.draining);
    };
    return { element, fill: show };
  }

  _waiting(run) {
    const place = cell("num c-aside");
    const link = el("a", { class: "run-link", href: `/watch?runs=${run.id}` });
    const about = el("div", { class: "muted small" });
    const priority = cell("num c-aside");
    const waits = cell("num");
    const button = (text, title, act) =>
      el("button", { type: "button", class: "button button-quiet", title, onclick: act }, text);
    const turn = (to) =>
      this._tell("PATCH", `/runs/${run.id}`, { priority: Math.max(-1000, Math.min(1000, to())) });
    const buttons = el(
      "div",
      { class: "row-buttons" },
      button("First", "Before all others", () => turn(() => this.ends[0] + 1)),
      button("Last", "After all others", () => turn(() => this.ends[1] - 1)),
      button("Cancel", "Stop it before it starts", () => this._tell("POST", `/runs/${run.id}/stop`)),
    );
    const element = el(
      "tr",
      { "data-run": run.id },
      place,
      cell("run", link, about),
      priority,
      waits,
      cell("act", buttons),
    );
    const fill = (now, n) => {
      say(place, String(n + 1));
      say(link, now.name);
      say(
        about,
        now.attempt > 1
          ? `attempt ${now.attempt}: ${now.reason}`
          : `${now.spec.strategy} · ${now.spec.dataset}`,
      );
      say(priority, String(now.priority));
      say(waits, ago(now.created));
    };
    return { element, fill };
  }
}

const vitalCell = (label, { element }) => el("td", { class: "c-vital", "data-label": label }, element);

/* A small bar with words below it. */
function vital() {
  const fill = el("div", { class: "bar-fill" });
  const text = el("div", { class: "muted small" });
  const bar = el("div", { class: "bar" }, fill);
  return {
    element: el("div", {}, bar, text),
    show(share, words) {
      bar.hidden = share === null || share === undefined;
      fill.style.width = `${100 * (share ?? 0)}%`;
      say(text, words || "–");
    },
  };
}

const gib = (bytes) => (bytes / GIB).toFixed(bytes < 10 * GIB ? 1 : 0);
export const workersPage = {
  name: "workers",
  title: "Workers",
  open: (root) => new Workers(root),
};
