/* A card of bands as files: the drawing as it stands, and the values in it. */
import { chartSvg } from "../charts/svg.js";
import { ticks } from "../charts/ticks.js";

const TICKS = 8;

export const bandFile = (card) => ({
  name: [
    card.series.name,
    `${card.found.length}-lines`,
    card.board.axis.name,
    ...card.board.range.map((x) => Number(x.toPrecision(8))),
  ].join("_"),
  drawing: () => (card.found.length ? chartSvg(picture(card)) : null),
  values: () => new Blob([bandTable(card.found, card.board.axis.name)], { type: "text/csv" }),
});

function picture(card) {
  const { board, series, found, lines } = card;
  const [x0, x1] = board.range;
  const [low, high] = card.log ? card.held.map((v) => 10 ** v) : card.held;
  const drawn = found.map(({ entry }, i) => ({
    line: { color: entry.color, dash: entry.dash, faint: false, sparse: false },
    x: lines[i].x,
    raw: card.raw ? lines[i].mean : null,
    solid: lines[i].solid,
    low: lines[i].low,
    high: lines[i].high,
  }));
  return {
    x0,
    x1,
    low,
    high,
    log: card.log,
    lines: drawn,
    marks: [],
    odd: lines.flatMap((line) => line.odd).filter((x) => x >= x0 && x <= x1),
    ticks: ticks(x0, x1, TICKS).map((at) => ({ at, words: board.axis.tick(at, board.range) })),
    title: card.element.getAttribute("aria-label"),
    unit: series.unit === "1" ? "" : series.unit,
    subtitle: [card.note.textContent, `over ${board.axis.title.toLowerCase()}`].filter(Boolean).join(" · "),
    keys: found.map(({ entry }) => ({ label: entry.label, color: entry.color, dash: entry.dash })),
    reference: series.reference ?? null,
    colors: board.colors,
  };
}

/* What a chart shows as a file: a line a value. `found`: [{entry: {label}, band}]; `axis` names x. */
export function bandTable(found, axis) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [
    ["line", "step", ...(axis === "step" ? [] : [axis]), "mean", "deviation", "least", "greatest", "runs"]
      .join(","),
  ];
  for (const { entry, band } of found) {
    band.steps.forEach((step, i) => {
      const x = axis === "step" ? [] : [band.x[i]];
      lines.push(
        [
          quoted(entry.label),
          step,
          ...x,
          band.mean[i],
          band.deviation[i],
          band.low[i],
          band.high[i],
          band.runs[i],
        ].join(","),
      );
    });
  }
  return `${lines.join("\n")}\n`;
}
