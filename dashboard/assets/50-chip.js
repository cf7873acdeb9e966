/* A run in the watch page's head: name, state, progress, who is ahead, and what can be done to it. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;

  const STOPPABLE = ["queued", "starting", "running", "pausing", "paused", "lost"];
  const LONG_S = 600; /* a run older than this is stopped by a second click only */

  /* A state as a badge. */
  rhoscope.badge = (state) => el("span", { class: "badge", "data-state": state }, state);

  rhoscope.canStop = (run) => STOPPABLE.includes(run.state);

  /* What a progress bar's line says: "312 / 552 · 0:12 left". */
  rhoscope.progress = function (run) {
    if (run.state === "queued") return "waiting for a worker";
    if (run.state === "starting") return "starting";
    const steps = run.total_steps ? `${rhoscope.whole(run.step)} / ${rhoscope.whole(run.total_steps)}` : `step ${rhoscope.whole(run.step)}`;
    if (run.state === "running" && run.eta_s !== null && run.eta_s !== undefined) return `${steps} · ${rhoscope.duration(run.eta_s)} left`;
    if (run.finished && run.started) return `${steps} · took ${rhoscope.duration(run.finished - run.started)}`;
    return steps;
  };

  /* A button that asks again before it ends hours of work. */
  rhoscope.stopButton = function (getRun, failed) {
    let armed = 0;
    const button = el("button", { type: "button", class: "button button-quiet stop", "data-action": "stop", title: "Stop at the next step", "aria-label": "Stop" }, rhoscope.icon("stop"), el("span", {}, "Stop"));
    const word = button.lastChild;
    const ask = (text) => {
      say(word, text);
      button.setAttribute("aria-label", text);
    };
    button.addEventListener("click", async (click) => {
      click.stopPropagation();
      const run = getRun();
      const age = run.started ? Date.now() / 1000 - run.started : 0;
      if (age > LONG_S && Date.now() - armed > 4000) {
        armed = Date.now();
        ask("Stop now?");
        button.classList.add("armed");
        setTimeout(() => {
          ask("Stop");
          button.classList.remove("armed");
        }, 4000);
        return;
      }
      button.disabled = true;
      try {
        await rhoscope.send("POST", `/runs/${run.id}/stop`);
      } catch (error) {
        failed(error);
        button.disabled = false;
      }
    });
    return button;
  };

  class Chip {
    /* `toggle()` shows or hides the run's lines. */
    constructor(record, colour, toggle) {
      this.record = record;
      this.swatch = el("button", { type: "button", class: "swatch", "aria-pressed": "true", title: "Show or hide its lines; Alt and click: only these", onclick: toggle });
      this.name = el("span", { class: "run-name" });
      this.badge = rhoscope.badge("loading");
      this.fill = el("div", { class: "bar-fill" });
      this.bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
      this.text = el("span", { class: "muted" });
      this.lead = el("span", { class: "lead" });
      this.reason = el("p", { class: "reason", hidden: true });
      this.stop = rhoscope.stopButton(() => record.run, (error) => this._complain(error.message));
      this.element = el(
        "section",
        { class: "run-chip card", "data-run": record.id, "aria-label": `Run ${record.id}` },
        el("div", { class: "run-line" }, this.swatch, this.name, el("span", { class: "spacer" }), this.stop),
        this.bar,
        el("div", { class: "run-line run-foot" }, this.badge, this.text, el("span", { class: "spacer" }), this.lead),
        this.reason,
      );
      this.steer = new rhoscope.Steer(record, (text) => this._complain(text));
      this.fork = new rhoscope.Fork(record, (text) => this._complain(text));
      const failed = (text) => this._complain(text);
      this.pause = rhoscope.turnButton(record, "pause", "Pause", "Write a checkpoint and free the worker", failed);
      this.resume = rhoscope.turnButton(record, "resume", "Resume", "Go on from the checkpoint, on any worker", failed);
      this.steps = el("input", { type: "number", class: "steps", min: 1, step: 1, value: 1, "aria-label": "Steps", hidden: true });
      const steps = () => ({ steps: Number(this.steps.value) });
      this.single = rhoscope.turnButton(record, "resume", "Step", "Take so many steps, then pause again", failed, steps, "step");
      this.stop.before(this.steer.button, this.fork.button, this.pause, this.steps, this.single, this.resume, rhoscope.again(record.id));
      this.element.append(this.steer.panel, this.fork.panel);
      this.stop.hidden = true;
      this.paint(colour);
    }

    paint(colour) {
      this.element.style.setProperty("--run", colour);
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
      say(this.text, rhoscope.progress(run));
      this.stop.hidden = !rhoscope.canStop(run);
      if (run.state === "stopping") this.stop.disabled = true;
      this.pause.hidden = !["starting", "running"].includes(run.state);
      for (const part of [this.resume, this.steps, this.single]) part.hidden = run.state !== "paused";
      this.steer.update(run);
      this.fork.update(run);
      if (run.reason || run.state !== "running") this._complain(["failed", "lost", "stopped"].includes(run.state) ? run.reason : "");
    }

    /* Who dominates now, as the needle says it. */
    balance(colours, single) {
      const { run, series } = this.record;
      const found = (run?.modalities ?? [])
        .map((name) => ({ name, ratio: rhoscope.recent(series.get(`rho.${name}`), null)?.mean }))
        .filter(({ ratio }) => ratio !== undefined);
      if (!found.length) return;
      const { name, words } = rhoscope.lead(found);
      say(this.lead, words);
      this.lead.style.setProperty("--lead", single && name ? colours.modality(name) : "");
    }
  }

  rhoscope.Chip = Chip;
})();
