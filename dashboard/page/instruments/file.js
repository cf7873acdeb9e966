/* An instrument's picture as a file, and the values of the table behind it. */
import { strokes } from "../charts/strokes.js";
import { download } from "../lib/download.js";
import { el } from "../lib/element.js";

const EDGE = 16; /* around the picture; above it stands the title */
const HEAD = 44;

/* What a menu offers: nothing of an instrument that has neither. */
export function canvasFiles(instrument) {
  const canvas = instrument.body.querySelector("canvas");
  const rows = table(instrument);
  const file = {
    name: `${instrument.name}_${instrument.records.map((record) => record.run.name).join("_")}`,
    picture: () => picture(instrument, canvas),
    values: () => new Blob([rows], { type: "text/csv" }),
  };
  const offered = [
    canvas && !instrument.body.hidden ? { text: "Picture (PNG)", act: () => download("png", file) } : null,
    rows ? { text: "Every value (CSV)", act: () => download("csv", file) } : null,
  ].filter(Boolean);
  return offered.length ? [{ title: "Download what is shown" }, ...offered] : [];
}

/* The canvas as it stands, on the card's ground, under its title and the runs' names. */
function picture({ element, records, colors }, canvas) {
  const pixel = canvas.width / canvas.clientWidth;
  const made = el("canvas", {
    width: canvas.width + 2 * EDGE * pixel,
    height: canvas.height + (HEAD + EDGE) * pixel,
  });
  const ctx = made.getContext("2d");
  ctx.fillStyle = colors.surface;
  ctx.fillRect(0, 0, made.width, made.height);
  ctx.fillStyle = colors.joint;
  ctx.font = `600 ${14 * pixel}px ${strokes.FAMILY}`;
  ctx.fillText(
    [element.getAttribute("aria-label"), ...records.map((record) => record.run.name)].join(" · "),
    EDGE * pixel,
    28 * pixel,
  );
  ctx.drawImage(canvas, EDGE * pixel, HEAD * pixel);
  return new Promise((resolve) => made.toBlob(resolve, "image/png"));
}

/* Of a table over time a line a row and time; "" where there is none. */
function table({ name, record, records }) {
  const told = (record ?? records[0])?.tables.get(name);
  if (!told?.frames.length) return "";
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = told.frames.flatMap((frame) =>
    told.rows.map((row, i) => [frame.step, frame.epoch ?? "", quoted(row), ...frame.values[i]].join(","))
  );
  return `${["step", "epoch", "row", ...told.columns.map(quoted)].join(",")}\n${lines.join("\n")}\n`;
}
