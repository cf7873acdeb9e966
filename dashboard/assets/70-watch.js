/* The watch page: runs, their chips and charts, one zoom and one cursor for all of them. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;
  const MANY = 12;
  const GROWING = ["starting", "running", "pausing", "stopping"];

  class Watch {
    constructor(root, ids) {
      this.root = root;
      this.alive = true;
      this.zoom = null;
      this.step = null;
      this.focus = "";
      this.hidden = new Set();
      this.cards = new Map();
      this.part = (name) => root.querySelector(`#watch-${name}`);
      this.colours = new rhoscope.Colours(ids, []);
      this.loop = new rhoscope.Loop(() => this._draw());
      const capacity = ids.length > MANY ? 2048 : 4096;
      this.records = ids.map((id) => new rhoscope.Record(id, (a, b) => this._refetch(id, a, b), capacity));
      this.chips = new Map(this.records.map((r) => [r.id, new rhoscope.Chip(r, this.colours.run(r.id), () => this._toggle(r.id))]));
      this.part("runs").replaceChildren(...[...this.chips.values()].map((chip) => chip.element));
      this.part("runs").classList.toggle("one", ids.length === 1);
      this.part("charts").replaceChildren();
      this.part("more").replaceChildren();
      this.observer = new IntersectionObserver((seen) => this._seen(seen), { rootMargin: "100px" });
      this.sizes = new ResizeObserver(() => this._resize());
      this.sizes.observe(this.part("charts"));
      this.panels = ids.length === 1 ? [new rhoscope.Folds(this, this.records[0], this.part("panels"))] : [];
      this.part("more-group").addEventListener("toggle", () => this._resize());
      this._load();
    }

    async _load() {
      const loaded = await Promise.all(this.records.map((record) => this._loadOne(record)));
      if (!this.alive) return;
      this.records = this.records.filter((_, i) => loaded[i]);
      if (!this.records.length) return;
      this.feed = new rhoscope.Feed(() => this._query(), (m) => this._take(m), (up) => rhoscope.connection(up));
    }

    async _loadOne(record) {
      try {
        await rhoscope.load(record, () => this.alive);
      } catch (error) {
        if (this.alive) this.chips.get(record.id).refuse(error.message);
        return false;
      }
      if (this.alive) this._told(record, record.run);
      return this.alive;
    }

    _query() {
      for (const record of this.records) record.fresh = true;
      const ids = this.records.map((r) => r.id);
      return { runs: ids.join(","), after: this.records.map((r) => `${r.id}:${r.last}`).join(",") };
    }

    _take(message) {
      const id = message.block?.run ?? message.event?.run ?? message.run?.id ?? message.run;
      const record = this.records.find((r) => r.id === id);
      if (message.type === "error") rhoscope.complain(message.problem?.detail ?? "The live connection was refused.");
      if (!record) return;
      if (message.type === "block") record.rows(message.block);
      if (message.type === "event") {
        record.event(message.event);
        for (const panel of this.panels) panel.add(message.event);
      }
      if (message.type === "run") this._told(record, message.run);
      if (message.type === "deleted") this._gone(record);
      if (message.type === "gap") {
        record.lost(message.start, message.end);
        record.last = Math.max(record.last, message.end);
      }
      this.loop.ask();
    }

    _told(record, run) {
      const before = record.shape;
      record.run = run;
      record.shape = `${run.series.length} ${run.modalities}`;
      this.chips.get(record.id).update(run);
      for (const panel of this.panels) panel.update(run);
      if (record.shape !== before) this.reshape();
      if (this.records.length === 1) rhoscope.title(`${run.name} · ${run.state}`);
    }

    _gone(record) {
      this.chips.get(record.id).refuse("This run was deleted.");
      this.records = this.records.filter((r) => r !== record);
      this.reshape();
    }

    _refetch(id, start, end) {
      const record = this.records.find((r) => r.id === id);
      rhoscope.refetch(record, start, end, () => this.alive).then(() => this.loop.ask(), () => {});
    }

    _toggle(id) {
      if (!this.hidden.delete(id)) this.hidden.add(id);
      this.chips.get(id).shown(!this.hidden.has(id));
      this.reshape();
    }

    /* Other runs, series, focus or colours: which charts, which lines. */
    reshape() {
      const known = this.records.filter((r) => r.run?.series.length);
      const modalities = [...new Set(known.flatMap((r) => r.run.modalities))];
      this.colours.modalities = modalities;
      rhoscope.focusControl(this.part("focus"), modalities, this.records.length > 1, this.focus, (m) => {
        this.focus = m;
        this.reshape();
      });
      for (const record of known) record.many = known.length > 1;
      const charts = rhoscope.charts(known.map((r) => r.run));
      for (const chart of charts) this._chart(chart);
      for (const instrument of rhoscope.instruments) this._instrument(instrument, known);
      const records = known.filter((r) => !this.hidden.has(r.id));
      const shown = { records, focus: this.focus, colours: this.colours, smoothed: rhoscope.smoothing > 0 };
      for (const card of this.cards.values()) card.shape(shown);
      this.part("toolbar").hidden = !charts.length;
      this.part("waiting").hidden = charts.length > 0;
      this.loop.ask(true);
    }

    _chart(chart) {
      const there = this.cards.get(chart.name);
      if (there) there.chart = chart;
      else this._place(chart.name, new rhoscope.Card(chart, this), chart.late);
    }

    _instrument({ name, fits, make }, known) {
      if (!this.cards.has(name) && fits(known.map((r) => r.run))) this._place(name, make(this), false);
    }

    _place(name, card, late) {
      this.cards.set(name, card);
      if (late) this.part("more-group").hidden = false;
      this.part(late ? "more" : "charts").append(card.element);
      this.observer.observe(card.element);
    }

    _seen(entries) {
      for (const entry of entries) this.cards.get(entry.target.dataset.chart).visible = entry.isIntersecting;
      this.loop.ask(true);
    }

    _resize() {
      for (const card of this.cards.values()) card.resize();
      this.loop.ask(true);
    }

    _draw() {
      const last = this.records.reduce((most, r) => Math.max(most, r.last), 1);
      const grows = this.records.some((r) => GROWING.includes(r.run?.state));
      const [x0, x1] = this.zoom ?? [0, grows ? rhoscope.horizon(last) : last];
      const from = this.records.reduce((least, r) => Math.min(least, r.changed), Infinity);
      const tau = (rhoscope.smoothing / 100) ** 2 * (x1 - x0) * 0.1;
      for (const card of this.cards.values()) {
        if ((card.visible || card.stale) && card.ready) card.draw(x0, x1, tau, this.step, from);
        else card.forget();
      }
      for (const record of this.records) [record.stats.drawn, record.changed] = [record.last, Infinity];
      for (const chip of this.chips.values()) chip.balance(this.colours, this.records.length === 1);
    }

    zoomTo(x0, x1) {
      const zoom = (this.zoom = [x0, x1]);
      rhoscope.zoomPill(this.part("focus").parentElement, zoom, () => this.follow());
      for (const record of this.records) {
        record.zoomed = null;
        rhoscope.detail(record, x0, x1, () => this.alive && this.zoom === zoom).then(
          (found) => {
            if (this.zoom !== zoom) return;
            record.zoomed = found;
            this.loop.ask(true);
          },
          () => {},
        );
      }
      this.loop.ask(true);
    }

    follow() {
      this.zoom = null;
      for (const record of this.records) record.zoomed = null;
      rhoscope.zoomPill(this.part("focus").parentElement, null);
      this.loop.ask(true);
    }

    /* The cursor moved over one chart: all others read the same step. */
    hover(step, plot) {
      this.step = step;
      const over = plot.u.over.matches(":hover");
      for (const card of this.cards.values()) {
        if (card.visible) card.read(step);
        if (card.plot === plot || step === null) card.point(over && card.plot === plot ? step : null, plot.u.cursor.left);
      }
    }

    recolour() {
      this.colours.read();
      for (const [id, chip] of this.chips) chip.paint(this.colours.run(id));
      this.reshape();
    }

    leave() {
      this.alive = false;
      this.feed?.close();
      this.loop.stop();
      this.observer.disconnect();
      this.sizes.disconnect();
      for (const card of this.cards.values()) card.destroy();
    }
  }

  rhoscope.smoothing = 25;

  rhoscope.page("watch", {
    title: "Watch",
    keys: ["runs"],
    open(root) {
      const ids = rhoscope.address.list("runs");
      root.classList.toggle("nothing", !ids.length);
      return ids.length ? new Watch(root, ids) : null;
    },
  });

  /* Buttons that choose what is shown of each chart. */
  rhoscope.focusControl = function (holder, modalities, several, focus, choose) {
    const options = [["", several ? "Overview" : "All"], ...modalities.map((m) => [m, m])];
    const made = options.map(([value, text]) =>
      el("button", { type: "button", class: "segment", "aria-pressed": String(value === focus), onclick: () => choose(value) }, text),
    );
    holder.className = "segments";
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", "Modality");
    holder.hidden = modalities.length < 2;
    holder.replaceChildren(...made);
  };

  /* Says that the charts stand still, and lets them follow again. */
  rhoscope.zoomPill = function (toolbar, zoom, follow) {
    toolbar.querySelector(".zoom-pill")?.remove();
    if (!zoom) return;
    const text = el("span", {});
    say(text, `Steps ${rhoscope.whole(zoom[0])} – ${rhoscope.whole(zoom[1])}`);
    toolbar.append(el("div", { class: "zoom-pill", role: "status" }, text, el("button", { type: "button", class: "button button-quiet", onclick: follow }, "Follow live")));
  };
})();
