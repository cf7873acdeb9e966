/* Reading what is stored: a run from its beginning, a lost stretch, the detail of a range. Tries until it works. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const POINTS = 1500;
  const LOST = 4096;

  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /* Ask again while the API is away; an answer that says no is final. */
  async function patiently(path, alive) {
    for (let pause = 300; ; pause = Math.min(3000, 2 * pause)) {
      try {
        return await rhoscope.ask(path);
      } catch (error) {
        if (!alive() || (error.status && error.status < 500)) throw error;
        await later(pause);
      }
    }
  }

  const address = (id, parameters) => `/runs/${id}/series?${new URLSearchParams(parameters)}`;

  /* What was changed in the runs that a fork goes on from; one that was deleted ends the line. */
  async function lineage(record, alive) {
    for (let child = record.run, most = Infinity; child?.parent; ) {
      most = Math.min(most, child.parent_step);
      const parent = `/runs/${encodeURIComponent(child.parent)}`;
      const known = await patiently(`${parent}/events`, alive).catch(() => []);
      record.forked(most, known);
      child = await patiently(parent, alive).catch(() => null);
    }
  }

  /* Run, events, then curves: in this order, so that an attempt is known before its rows. */
  rhoscope.load = async function (record, alive) {
    const path = `/runs/${encodeURIComponent(record.id)}`;
    record.run = await patiently(path, alive);
    await lineage(record, alive);
    for (const event of await patiently(`${path}/events`, alive)) record.event(event);
    record.history((await patiently(address(record.id, { points: POINTS }), alive)).series, true);
  };

  /* A stretch that was lost on the way. */
  rhoscope.refetch = async function (record, start, end, alive) {
    record.history((await patiently(address(record.id, { start, end, points: LOST }), alive)).series, false);
  };

  /* Detail of a range, as bins of its own; null when what is there is exact already. */
  rhoscope.detail = async function (record, start, end, alive) {
    const coarse = [...record.series.values()].some((c) => c.width > 1) || record.stats.rows < record.last + 1;
    if (!coarse || start > record.last) return null;
    const answer = await patiently(address(record.id, { start, end, points: LOST }), alive);
    const width = 2 ** Math.max(0, Math.ceil(Math.log2((end - start + 1) / LOST)));
    const series = new Map();
    for (const { name, steps, values } of answer.series) {
      if (record.isSparse(name)) continue;
      const bins = new rhoscope.Bins(LOST + 2, Math.floor(start / width) * width, width);
      steps.forEach((step, i) => bins.add(step, rhoscope.parsed(values[i])));
      series.set(name, bins);
    }
    return { start, end, series };
  };
})();
