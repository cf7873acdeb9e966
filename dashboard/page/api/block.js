/* Blocks as rhoscope/records.py writes them: header, then i32 steps[n], then f32 values[c][n]. */

const MAGIC = 0x0a314252; /* "RB1\n", little-endian */
const text = new TextDecoder();

/* Views into `buffer`, nothing copied: {run, attempt, names, n, times, thinned, steps, columns}. */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== MAGIC) {
    throw new Error("A live message is not a block: it does not start with RB1.");
  }
  const start = 8 + view.getUint32(4, true);
  const header = JSON.parse(text.decode(new Uint8Array(buffer, 8, start - 8)));
  const { n, names } = header;
  if (buffer.byteLength !== start + 4 * n * (names.length + 1)) {
    throw new Error(
      `A block of ${buffer.byteLength} bytes does not hold ${n} rows of ${names.length} series.`,
    );
  }
  const columns = names.map((_, i) => new Float32Array(buffer, start + 4 * n * (i + 1), n));
  return { ...header, thinned: header.thinned === true, steps: new Int32Array(buffer, start, n), columns };
}
