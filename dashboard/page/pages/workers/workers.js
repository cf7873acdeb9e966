/* The workers and the queue, read every two seconds; rows change in place. */
import { ask } from "../../api/ask.js";
import { GROWING } from "../../api/states.js";
import { List } from "../../lib/list.js";
import { Renewed } from "../../shell/poll.js";
import { rootOf, sectionOf } from "../../shell/root.js";
import { QueueRow } from "./queue-row.js";
import { WorkerRow } from "./worker-row.js";

/** @import { Queue, Run, RunPage, WorkerStatus } from "../../api/schema.d.ts" */
/** @import { Worker } from "./worker-row.js" */
/** @typedef {Run & { key: string }} Waiting */

const MOST = 1000; /* runs of one request */
const PRIORITY = 1000; /* the greatest there is, above and below 0 */

/** @param {number} priority */
const bounded = (priority) => Math.max(-PRIORITY, Math.min(PRIORITY, priority));

/* Two tables. */
class Workers extends Renewed {
  /**
   * @param {HTMLElement} root
   * @param {Element} workers where they are listed
   * @param {Element} queue
   */
  constructor(root, workers, queue) {
    super(root);
    this.highest = 0; /* of the priorities in the queue */
    this.lowest = 0;
    /** @type {List<Worker>} */
    this.workers = new List(workers, "Workers", [
      ["worker", "Worker"],
      ["run", "Current run"],
      ["vital", "Memory"],
      ["vital", "Load"],
      ["num", "Last heartbeat"],
      ["act", ""],
    ], [
      "No workers running",
      "Runs wait until a worker starts: rhoscope worker, on any machine that can reach Redis.",
    ]);
    /** @type {List<Waiting>} */
    this.queue = new List(queue, "Queue", [
      ["num c-aside", ""],
      ["run", "Run"],
      ["num c-aside", "Priority"],
      ["num", "Queued"],
      ["act", ""],
    ], [
      "The queue is empty",
      "Every launched run has a worker or has ended.",
    ]);
    this.renew();
  }

  /** @override */
  async load() {
    /** @type {[WorkerStatus[], RunPage, Queue]} */
    const [workers, training, queue] = await Promise.all([
      ask("/workers"),
      ask(`/runs?state=${GROWING.join(",")}&limit=${MOST}`),
      ask(`/queue?limit=${MOST}`),
    ]);
    if (!this.alive) return;
    const runs = new Map(training.runs.map((run) => [run.id, run]));
    const current = (/** @type {WorkerStatus} */ { run }) => (run ? runs.get(run) ?? null : null);
    this.workers.show(
      workers.map((worker) => ({ ...worker, key: worker.name, training: current(worker) })),
      (worker) => this._worker(worker),
      workers.length,
    );
    this.highest = queue.highest ?? 0;
    this.lowest = queue.lowest ?? 0;
    this.queue.show(
      queue.runs.map((run) => ({ ...run, key: run.id })),
      (run) => this._waiting(run),
      queue.total,
    );
  }

  /** @param {Worker} worker */
  _worker(worker) {
    const path = `/workers/${encodeURIComponent(worker.name)}`;
    return new WorkerRow(worker, (draining) => this._send("PATCH", path, { draining }));
  }

  /** @param {Waiting} run */
  _waiting(run) {
    const path = `/runs/${run.id}`;
    return new QueueRow(run, {
      first: () => this._send("PATCH", path, { priority: bounded(this.highest + 1) }),
      last: () => this._send("PATCH", path, { priority: bounded(this.lowest - 1) }),
      cancel: () => this._send("POST", `${path}/stop`),
    });
  }
}

export const workersPage = {
  name: "workers",
  path: "/workers",
  title: "Workers",
  frame: () =>
    rootOf(
      { id: "workers", class: "page workers-page" },
      "Workers and queue",
      sectionOf("Workers", "workers-list"),
      sectionOf("Queue", "queue-list"),
    ),
  /** @param {HTMLElement} root */
  open(root) {
    const workers = root.querySelector("#workers-list");
    const queue = root.querySelector("#queue-list");
    return workers && queue ? new Workers(root, workers, queue) : null;
  },
};
