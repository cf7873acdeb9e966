/* Files that the page makes and the browser saves. */
import { el } from "./element.js";

/** @typedef {"png" | "svg" | "csv" | "pdf" | "paper.svg"} Kind of a file */

/**
 * What is saved.
 * @typedef {object} SavedFile
 * @property {string} name without its ending
 * @property {() => string | null} drawing an SVG, or null while there is none
 * @property {(kind: "svg" | "pdf") => string | null} [paper] a figure for a paper, where there is one
 * @property {() => Blob | Promise<Blob>} values as CSV
 * @property {() => Promise<Blob | null>} [picture] where the image is not made of the drawing
 */

const LARGER = 2; /* a picture is this many times as wide as the drawing */
const LONGEST = 120; /* characters of a name */
const FORGET_MS = 60_000;

/**
 * @param {Kind} kind
 * @param {SavedFile} file
 * @returns {Promise<void>} rejected when the file can't be made
 */
export async function download(kind, file) {
  const blob = await contents(kind, file);
  if (blob) save(blob, `${fileName(file.name)}.${kind}`);
}

/**
 * @param {Kind} kind
 * @param {SavedFile} file
 * @returns {Promise<Blob | null>}
 */
async function contents(kind, file) {
  if (kind === "csv") return file.values();
  if (kind === "pdf" || kind === "paper.svg") return printed(kind, file);
  if (kind === "png") return file.picture ? file.picture() : await image(file.drawing());
  const drawing = file.drawing();
  return drawing ? new Blob([drawing], { type: "image/svg+xml" }) : null;
}

/**
 * A figure for a paper; of a PDF each character is a byte.
 * @param {"pdf" | "paper.svg"} kind
 * @param {SavedFile} file
 */
function printed(kind, file) {
  const text = file.paper?.(kind === "pdf" ? "pdf" : "svg") ?? null;
  if (text === null) return null;
  if (kind !== "pdf") return new Blob([text], { type: "image/svg+xml" });
  const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type: "application/pdf" });
}

/**
 * A drawing, enlarged and painted by the browser.
 * @param {string | null} drawing
 * @returns {Promise<Blob | null>}
 */
async function image(drawing) {
  if (!drawing) return null;
  const source = new Image();
  source.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`;
  await source.decode();
  const canvas = el("canvas", { width: LARGER * source.width, height: LARGER * source.height });
  canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** @param {string} words */
const fileName = (words) => words.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, LONGEST);

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), FORGET_MS);
}
