/* A chart as a file: drawing, picture, or every value of what is in view. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el } = rhoscope;
  const CELLS = 200_000; /* asked and written at once, so that the page stays alive */
  const LARGER = 2;

  /* `file`: {name, drawing(): text or null, values(): a Blob, or soon one}; `picture()`: soon a Blob, where that is not
     made of the drawing. */
  rhoscope.download = async function (kind, file) {
    const make = { svg, png, csv: () => file.values() }[kind];
    try {
      const blob = await make(file);
      if (blob) save(blob, `${named(file.name)}.${kind}`);
    } catch (error) {
      rhoscope.complain(`The file can't be made: ${error.message}`);
    }
  };

  /* What a menu offers for it. */
  rhoscope.downloads = (file) =>
    [["png", "Picture (PNG)"], ["svg", "Drawing (SVG)"], ["csv", "Every value (CSV)"]].map(([kind, text]) => ({ text, act: () => rhoscope.download(kind, file()) }));

  /* A card of the watch page as a file. */
  rhoscope.cardFile = (card) => ({
    name: `${card.chart.name}_${titleOf(card)}_steps-${rangeOf(card).join("-")}`,
    drawing: () => drawing(card),
    values: () => csv(card),
  });

  function drawing(card) {
    const picture = card.plot.picture();
    if (!picture) return null;
    const { chart, lines, view } = card;
    const several = recordsOf(card).length > 1;
    const label = (line) => (several ? `${line.record.run.name} · ${line.label}` : line.label);
    return rhoscope.svg({
      ...picture,
      title: chart.title,
      unit: chart.unit === "1" ? "" : chart.unit,
      subtitle: `${titleOf(card)} · steps ${rhoscope.whole(picture.x0)} – ${rhoscope.whole(picture.x1)}`,
      keys: lines.map((line) => ({ label: label(line), colour: line.colour, dash: line.dash })),
      reference: chart.reference,
      colours: view.colours,
    });
  }

  const svg = (file) => blobOf(file.drawing(), "image/svg+xml");

  /* The drawing twice as large, painted by the browser. */
  async function png(file) {
    if (file.picture) return file.picture();
    const text = file.drawing();
    if (!text) return null;
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = el("canvas", { width: LARGER * image.width, height: LARGER * image.height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  /* Every stored value of the steps in view: a row a step, a column a run and series. */
  async function csv(card) {
    const [x0, x1] = rangeOf(card);
    const { lines } = card;
    const rows = Math.min(20_000, Math.max(500, Math.floor(CELLS / Math.max(1, lines.length))));
    const head = ["step", ...lines.map(({ record, name }) => `${record.run.name} (${record.id}) ${name}`)];
    const parts = [`${head.map(quoted).join(",")}\n`];
    for (let start = x0; start <= x1; start += rows) {
      const end = Math.min(x1, start + rows - 1);
      const answers = new Map(await Promise.all(recordsOf(card).map(async (record) => [record, await exact(record, lines, start, end)])));
      parts.push(rhoscope.csvRows(lines.map(({ record, name }) => answers.get(record).get(name))));
    }
    return new Blob(parts, { type: "text/csv" });
  }

  async function exact(record, lines, start, end) {
    const names = lines.filter((line) => line.record === record).map((line) => line.name);
    const query = new URLSearchParams({ names: names.join(","), start, end, points: 100_000 });
    const answer = await rhoscope.ask(`/runs/${encodeURIComponent(record.id)}/series?${query}`);
    return new Map(answer.series.map((series) => [series.name, series]));
  }

  /* Columns of {steps, values} as lines of text, joined at their steps; a missing value is empty, NaN is NaN. */
  rhoscope.csvRows = function (columns) {
    const steps = [...new Set(columns.flatMap((column) => column.steps))].sort((a, b) => a - b);
    const at = columns.map(() => 0);
    return steps
      .map((step) => {
        const cells = columns.map((column, c) => (column.steps[at[c]] === step ? String(column.values[at[c]++]) : ""));
        return `${step},${cells.join(",")}\n`;
      })
      .join("");
  };

  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const blobOf = (text, type) => text && new Blob([text], { type });
  const recordsOf = (card) => [...new Set(card.lines.map((line) => line.record))];

  function rangeOf(card) {
    const last = Math.max(0, ...recordsOf(card).map((record) => record.last));
    const [x0, x1] = card.view.zoom ?? [0, last];
    return [Math.max(0, Math.floor(x0)), Math.min(last + 1, Math.ceil(x1))];
  }

  function titleOf(card) {
    const records = recordsOf(card);
    return records.length === 1 ? records[0].run.name : `${records.length} runs`;
  }

  const named = (words) => words.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 120);

  function save(blob, name) {
    const link = el("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
})();
