/* A run in the watch page's head: name, state, progress, who is ahead, and what can be done to it. */
import { lead, recent } from "../data/balance.js";
import { el, say } from "../lib/element.js";
import { again } from "./again.js";
import { stopButton } from "./buttons.js";
import { Fork, turnButton } from "./fork.js";
import { badge, canStop, progress } from "./state.js";
import { Steer } from "./steer.js";

export class Chip {
  /* `toggle()` shows or hides the run's lines. */
  constructor(record, color, toggle) {
    this.record = record;
    this.swatch = el("button", {
      type: "button",
      class: "swatch",
      "aria-pressed": "true",
      title: "Show or hide its lines; Alt and click: only these",
      onclick: toggle,
    });
    this.name = el("span", { class: "run-name" });
    this.badge = badge("loading");
    this.fill = el("div", { class: "bar-fill" });
    this.bar = el(
      "div",
      { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" },
      this.fill,
    );
    this.text = el("span", { class: "muted" });
    this.lead = el("span", { class: "lead" });
    this.reason = el("p", { class: "reason", hidden: true });
    this.stop = stopButton(() => record.run, (error) => this._complain(error.message));
    this.element = el(
      "section",
      { class: "run-chip card", "data-run": record.id, "aria-label": `Run ${record.id}` },
      el("div", { class: "run-line" }, this.swatch, this.name, el("span", { class: "spacer" }), this.stop),
      this.bar,
      el(
        "div",
        { class: "run-line run-foot" },
        this.badge,
        this.text,
        el("span", { class: "spacer" }),
        this.lead,
      ),
      this.reason,
    );
    this.steer = new Steer(record, (text) => this._complain(text));
    this.fork = new Fork(record, (text) => this._complain(text));
    const failed = (text) => this._complain(text);
    this.pause = turnButton(record, "pause", "Pause", "Write a checkpoint and free the worker", failed);
    this.resume = turnButton(record, "resume", "Resume", "Go on from the checkpoint, on any worker", failed);
    this.steps = el("input", {
      type: "number",
      class: "steps",
      min: 1,
      step: 1,
      value: 1,
      "aria-label": "Steps",
      hidden: true,
    });
    const steps = () => ({ steps: Number(this.steps.value) });
    this.single = turnButton(
      record,
      "resume",
      "Step",
      "Take so many steps, then pause again",
      failed,
      steps,
      "step",
    );
    this.stop.before(
      this.steer.button,
      this.fork.button,
      this.pause,
      this.steps,
      this.single,
      this.resume,
      again(record.id),
    );
    this.element.append(this.steer.panel, this.fork.panel);
    this.stop.hidden = true;
    this.paint(color);
  }

  paint(color) {
    this.element.style.setProperty("--run", color);
  }

  shown(shown) {
    this.element.classList.toggle("run-hidden", !shown);
    this.swatch.setAttribute("aria-pressed", String(shown));
  }

  _complain(text) {
    say(this.reason, text);
    this.reason.hidden = !text;
  }

  /* A run that can't be shown at all. */
  refuse(text) {
    say(this.name, this.record.id);
    this.badge.dataset.state = "failed";
    say(this.badge, "unknown");
    this._complain(text);
  }

  update(run) {
    say(this.name, run.name);
    this.name.title = `${run.name} (${run.id})`;
    this.swatch.setAttribute("aria-label", `Show or hide ${run.name}`);
    this.element.setAttribute("aria-label", `Run ${run.name}`);
    say(this.badge, run.state);
    this.badge.dataset.state = run.state;
    this.element.dataset.state = run.state;
    const share = Math.round(1000 * run.progress) / 10;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(share)));
    this.bar.setAttribute("aria-label", `Progress of ${run.name}`);
    say(this.text, progress(run));
    this.stop.hidden = !canStop(run);
    if (run.state === "stopping") this.stop.disabled = true;
    this.pause.hidden = !["starting", "running"].includes(run.state);
    for (const part of [this.resume, this.steps, this.single]) part.hidden = run.state !== "paused";
    this.steer.update(run);
    this.fork.update(run);
    if (run.reason || run.state !== "running") {
      this._complain(["failed", "lost", "stopped"].includes(run.state) ? run.reason : "");
    }
  }

  /* Who dominates now, as the needle says it. */
  balance(colors, single) {
    const { run, series } = this.record;
    const found = (run?.modalities ?? [])
      .map((name) => ({ name, ratio: recent(series.get(`rho.${name}`), null)?.mean }))
      .filter(({ ratio }) => ratio !== undefined);
    if (!found.length) return;
    const { name, words } = lead(found);
    say(this.lead, words);
    this.lead.style.setProperty("--lead", single && name ? colors.modality(name) : "");
  }
}
