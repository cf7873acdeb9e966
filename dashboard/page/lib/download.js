import { el } from "./element.js";
import { complain } from "../shell/banner.js";

const LARGER = 2;

/* `file`: {name, drawing(): text or null, values(): a Blob, or soon one}; `picture()`: soon a Blob, where that is not
   made of the drawing. */
export async function download(kind, file) {
  const make = { svg, png, csv: () => file.values() }[kind];
  try {
    const blob = await make(file);
    if (blob) save(blob, `${named(file.name)}.${kind}`);
  } catch (error) {
    complain(`The file can't be made: ${error.message}`);
  }
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
const blobOf = (text, type) => text && new Blob([text], { type });

const named = (words) => words.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 120);

function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
