/* What a chart draws besides its curves: marks and their words, and where a logarithmic axis has its ticks. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const FAMILY = "Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const FONT = `11px ${FAMILY}`;

  /* 1, 2, 5 of each decade, and more of them where that is too few. */
  function decades(low, high) {
    for (const digits of [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
      const found = [];
      for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
        for (const d of digits) if (d * 10 ** e >= low && d * 10 ** e <= high) found.push(Number((d * 10 ** e).toPrecision(3)));
      }
      if (found.length >= 3) return found;
    }
    const middle = Math.sqrt(low * high);
    return [low * 1.02, middle, high * 0.98].map((v) => Number(v.toPrecision(2)));
  }

  /* Round numbers in [low, high], at most `most` of them. */
  function ticks(low, high, most) {
    if (!(high > low)) return [low];
    const rough = (high - low) / Math.max(1, most);
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((d) => d * size).find((s) => s >= rough);
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) found.push(Number((i * step).toPrecision(10)));
    return found;
  }

  /* Steps as an axis shows them: short, unless two of them would read alike. */
  function stepWords(at) {
    const short = at.map(rhoscope.short);
    return new Set(short).size === short.length ? short : at.map(rhoscope.whole);
  }

  function stroke(ctx, colour, dash, [[x0, y0], [x1, y1]]) {
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
    ctx.restore();
  }

  /* What happened to the runs of some lines, each thing once, in order. */
  function marksOf(lines) {
    const found = new Map();
    for (const record of new Set(lines.map((line) => line.record))) {
      for (const mark of record.marks) found.set(`${mark.step} ${mark.text}`, mark);
    }
    return [...found.values()].sort((a, b) => a.step - b.step);
  }

  /* A mark's words beside its line, on the side and in the row where there is room; where there is none, not. */
  function write(ctx, text, colour, x, top, right, rows) {
    ctx.save();
    ctx.font = FONT.replace("11px", `${10 * devicePixelRatio}px`);
    ctx.fillStyle = colour;
    ctx.textAlign = "left";
    const width = ctx.measureText(text).width + 5;
    const start = x + width < right ? x + 5 : x - width;
    const row = rows.findIndex((end) => end < start);
    if (row >= 0) {
      rows[row] = start + width;
      ctx.fillText(text, start, top + (10 + 13 * row) * devicePixelRatio);
    }
    ctx.restore();
  }

  /* "#rrggbb" with an opacity. */
  const fade = (colour, share) => `${colour}${Math.round(255 * share).toString(16).padStart(2, "0")}`;

  Object.assign(rhoscope, { decades, ticks, stepWords, strokes: { FAMILY, FONT, stroke, write, marksOf, fade } });
})();
