/* Cards of bands side by side: one axis, one range, one zoom, one focus for all of them. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el } = rhoscope;
  const POINTS = [300, 150]; /* of a curve; and where many are drawn */
  const MANY = 12;
  const BUDGET_MS = 24; /* of a frame, for drawing */
  const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [12, 4]];
  const NATURAL = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7];
  const SECONDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000];

  const clock = (options) => new Intl.DateTimeFormat("en-GB", options);
  const DAY = clock({ day: "numeric", month: "short" });
  const MINUTE = clock({ hour: "2-digit", minute: "2-digit" });
  const SECOND = clock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const FULL = clock({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

  /* Axes that runs can share: `tick` for the axis, `words` for the cursor, `about` for who wonders. */
  const AXES = {
    step: { title: "Step", steps: NATURAL.slice(3), tick: rhoscope.short, words: (x) => `Step ${rhoscope.whole(x)}`, about: "" },
    epoch: { title: "Epoch", steps: NATURAL, tick: (x) => rhoscope.short(Number(x.toPrecision(6))), words: (x) => `Epoch ${x.toFixed(2)}`, about: "Epoch 1 is where the first has ended." },
    time: { title: "Training time", steps: SECONDS, tick: (x, [a, b]) => (b - a < 10 ? `${Number(x.toFixed(1))} s` : rhoscope.duration(x)), words: (x) => `After ${rhoscope.duration(x)} of training`, about: "From each run's start; pauses, waits for a worker and work that was lost are left out." },
    clock: { title: "Clock", steps: SECONDS, tick: (x, [a, b]) => (b - a > 172800 ? DAY : b - a > 600 ? MINUTE : SECOND).format(1000 * x), words: (x) => FULL.format(1000 * x), about: "" },
  };
  for (const [name, axis] of Object.entries(AXES)) axis.name = name;

  function outside(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return Number(bottom < 0 || top > window.innerHeight);
  }

  class BandBoard {
    /* `changed(changes)`: the user asked for {zoom: [x0, x1] or null} or {flip: names}. */
    constructor(changed) {
      Object.assign(this, { changed, axis: AXES.step, zoom: null, smoothing: 0, flips: [], focus: "", cards: new Map(), entries: [], frames: {}, drawn: null });
      this.colours = new rhoscope.Colours([], []);
      this.element = el("div", { class: "charts" });
      this.sizes = new ResizeObserver(() => this.cards.forEach((card) => card.resize()));
      this.sizes.observe(this.element);
    }

    /* How `/groups` is asked for the curves of so many entries. */
    query(names, entries) {
      const [from, to] = this.zoom ?? [];
      const range = this.zoom ? { start: from, end: to } : {};
      return { names: names.join(","), align: this.axis.name, points: POINTS[entries > MANY ? 1 : 0], ...range };
    }

    /* `entries`: [{key, label, alone, hidden, bands}], coloured here by their place; `declared`: series in order. */
    show(entries, declared, modalities) {
      this.entries = rhoscope.coloured(entries, this.colours);
      const names = new Set(declared.map((series) => series.name));
      for (const [name, card] of this.cards) {
        if (names.has(name)) continue;
        card.destroy();
        this.cards.delete(name);
      }
      declared.forEach((series, place) => {
        let card = this.cards.get(series.name);
        if (!card) this.cards.set(series.name, (card = new rhoscope.BandCard(series, rhoscope.splitName(series, modalities).modality, this)));
        if (this.element.children[place] !== card.element) this.element.insertBefore(card.element, this.element.children[place] ?? null);
      });
      this.refresh();
    }

    /* The same curves again: other zoom, smoothing, scale or colours. */
    refresh() {
      const seen = this.entries.filter((entry) => !entry.hidden);
      this.range = this.zoom ?? this._whole(seen);
      const found = (name) => seen.map((entry) => ({ entry, band: entry.bands.find((band) => band.name === name) })).filter((one) => one.band);
      this._each("show", (card, name) => card.show(found(name)));
    }

    /* Something for every card, those on the screen first, a few a frame, so that nothing waits for all of them; the
       same again takes over. */
    _each(kind, act) {
      cancelAnimationFrame(this.frames[kind]);
      const left = [...this.cards].toSorted(([, a], [, b]) => outside(a.element) - outside(b.element));
      const next = () => {
        const began = performance.now();
        while (left.length && performance.now() - began < BUDGET_MS) {
          const [name, card] = left.shift();
          act(card, name);
        }
        if (left.length) {
          this.frames[kind] = requestAnimationFrame(next);
          return;
        }
        this.drawn?.();
        this.drawn = null;
      };
      if (left.length) this.frames[kind] = requestAnimationFrame(next);
    }

    _whole(entries) {
      let [x0, x1] = [Infinity, -Infinity];
      for (const { bands } of entries) {
        for (const band of bands) {
          const x = band.x?.length ? band.x : band.steps;
          if (x[0] < x0) x0 = x[0];
          if (x[x.length - 1] > x1) x1 = x[x.length - 1];
        }
      }
      if (x0 > x1) return [0, 1];
      if (this.axis.name !== "clock") x0 = 0;
      return x1 > x0 ? [x0, x1] : [x0, x0 + 1];
    }

    get tau() {
      return this.range ? (this.smoothing / 100) ** 2 * (this.range[1] - this.range[0]) * 0.1 : 0;
    }

    light(key) {
      if (this.focus === key) return;
      this.focus = key;
      this._each("draw", (card) => card.draw());
    }

    zoomTo(x0, x1) {
      const least = this.axis.name === "step" ? 1 : 1e-3;
      const [from, to] = this.axis.name === "step" ? [Math.floor(x0), Math.ceil(x1)] : [Number(x0.toFixed(3)), Number(x1.toFixed(3))];
      if (to - from >= least) this.changed({ zoom: [this.axis.name === "clock" ? from : Math.max(0, from), to] });
    }

    whole() {
      if (this.zoom) this.changed({ zoom: null });
    }

    flipped(name) {
      return this.flips.includes(name);
    }

    flip(name) {
      this.changed({ flip: this.flipped(name) ? this.flips.filter((one) => one !== name) : [...this.flips, name] });
    }

    recolour() {
      this.colours.read();
      this.entries = rhoscope.coloured(this.entries, this.colours);
      this.refresh();
    }

    destroy() {
      for (const frame of Object.values(this.frames)) cancelAnimationFrame(frame);
      this.sizes.disconnect();
      this.cards.forEach((card) => card.destroy());
    }
  }

  /* Entries with the colour and dashes of their place: ten colours, then the same ones dashed. */
  rhoscope.coloured = function (entries, colours) {
    colours.runs = entries.map((entry) => entry.key);
    return entries.map((entry, i) => ({ ...entry, colour: colours.run(entry.key), dash: DASHES[Math.floor(i / 10) % DASHES.length] }));
  };

  /* The stretch of an axis that the address names, or null. */
  rhoscope.zoomOfAddress = function () {
    const [from, to] = rhoscope.address.get("zoom").split(":").map(Number);
    return to > from ? [from, to] : null;
  };

  Object.assign(rhoscope, { BandBoard, AXES });
})();
