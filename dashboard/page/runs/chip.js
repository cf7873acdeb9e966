/* A run in the Watch page's head: name, state, progress, which modality is ahead, and the actions on it. */
import { ENDED, STEERABLE } from "../api/states.js";
import { lead, meanNow } from "../data/balance.js";
import { el, say } from "../lib/element.js";
import { again } from "./again.js";
import { stopButton, turnButton } from "./buttons.js";
import { Fork } from "./fork.js";
import { showName } from "./names.js";
import { badge, canResume, canStop, isGuest, isLaunched, progress } from "./state.js";
import { Steer } from "./steer.js";

/** @import { Run } from "../api/schema.d.ts" */
/** @import { Colors } from "../charts/colors.js" */
/** @import { Record } from "../data/record.js" */

export class Chip {
  /**
   * @param {Record} record
   * @param {string} color
   * @param {(event: MouseEvent) => void} toggle shows or hides the run's lines
   */
  constructor(record, color, toggle) {
    this.record = record;
    const failed = (/** @type {string} */ text) => this._complain(text);
    this.swatch = el("button", {
      type: "button",
      class: "swatch",
      "aria-pressed": "true",
      title: "Show or hide this run's lines; Alt-click shows only them",
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
    this.steer = new Steer(record, failed);
    this.fork = new Fork(record, failed);
    this.steps = stepsField();
    this.turns = turns(record.id, this.steps, failed);
    this.stop = stopButton(() => record.run, (error) => failed(error.message));
    this.stop.hidden = true;
    const { pause, single, resume } = this.turns;
    this.again = again(record.id);
    const acts = [this.steer.button, this.fork.button, pause, this.steps, single, resume, this.again];
    this.element = el(
      "section",
      { class: "run-chip card", "data-run": record.id, "aria-label": `Run ${record.id}` },
      el(
        "div",
        { class: "run-line" },
        this.swatch,
        this.name,
        el("span", { class: "spacer" }),
        ...acts,
        this.stop,
      ),
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
      this.steer.panel,
      this.fork.panel,
    );
    this.paint(color);
  }

  /** @param {string} color */
  paint(color) {
    this.element.style.setProperty("--run", color);
  }

  /** @param {boolean} shown whether the run's lines are */
  shown(shown) {
    this.element.classList.toggle("run-hidden", !shown);
    this.swatch.setAttribute("aria-pressed", String(shown));
  }

  /** @param {string} text */
  _complain(text) {
    say(this.reason, text);
    this.reason.hidden = !text;
  }

  /**
   * A run that can't be shown at all.
   * @param {string} text
   */
  refuse(text) {
    showName(this.name, this.record.id);
    this.badge.dataset.state = "failed";
    say(this.badge, "unknown");
    this._complain(text);
  }

  /** @param {Run} run */
  update(run) {
    showName(this.name, (this.record.many && this.record.label) || run.name);
    this.name.title = `${run.name} (${run.id})`;
    this.swatch.setAttribute("aria-label", `Show or hide ${run.name}`);
    this.element.setAttribute("aria-label", `Run ${run.name}`);
    say(this.badge, run.state);
    this.badge.dataset.state = run.state;
    this.element.dataset.state = run.state;
    this._progress(run);
    this._acts(run);
    if (run.reason || run.state !== "running") {
      this._complain(ENDED.includes(run.state) && run.state !== "completed" ? run.reason : "");
    }
  }

  /** @param {Run} run */
  _progress(run) {
    const share = Math.round(1000 * run.progress) / 10;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(share)));
    this.bar.setAttribute("aria-label", `Progress of ${run.name}`);
    say(this.text, progress(run));
  }

  /** @param {Run} run */
  _acts(run) {
    this.stop.hidden = !canStop(run);
    if (run.state === "stopping") this.stop.disabled = true;
    const { pause, single, resume } = this.turns;
    pause.hidden = !STEERABLE.includes(run.state) || !canResume(run);
    const paused = run.state === "paused";
    resume.hidden = !paused;
    for (const part of [this.steps, single]) part.hidden = !paused || isGuest(run);
    this.again.hidden = !isLaunched(run);
    this.steer.update(run);
    this.fork.update(run);
  }

  /**
   * Which modality dominates now, in the words of the balance needle.
   * @param {Colors} colors
   * @param {boolean} single whether this is the only run shown: only then colors are those of modalities
   */
  balance(colors, single) {
    const { run, series } = this.record;
    const ratios = (run?.modalities ?? []).flatMap((name) => {
      const ratio = meanNow(series.get(`rho.${name}`));
      return ratio === null ? [] : [{ name, ratio }];
    });
    if (!ratios.length) return;
    const { name, words } = lead(ratios);
    say(this.lead, words);
    this.lead.style.setProperty("--lead", single && name ? colors.modality(name) : "");
  }
}

const stepsField = () =>
  el("input", {
    type: "number",
    class: "steps",
    min: 1,
    step: 1,
    value: 1,
    "aria-label": "Steps",
    hidden: true,
  });

/**
 * @param {string} id
 * @param {HTMLInputElement} steps
 * @param {(text: string) => void} failed
 */
function turns(id, steps, failed) {
  const pause = { verb: "pause", label: "Pause", title: "Write a checkpoint and free the worker" };
  const resume = {
    verb: "resume",
    label: "Resume",
    title: "Continue from the checkpoint, on any worker",
  };
  const single = {
    verb: "resume",
    action: "step",
    label: "Step",
    title: "Run this number of steps, then pause again",
    body: () => ({ steps: Number(steps.value) }),
  };
  return {
    pause: turnButton(id, pause, failed),
    resume: turnButton(id, resume, failed),
    single: turnButton(id, single, failed),
  };
}
