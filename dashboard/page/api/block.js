/* Blocks as rhoscope/records.py writes them: header, then i32 steps[n], then f32 values[c][n].
   A wide one, which guest runs send, has i64 steps and f64 values. */

/**
 * Consecutive rows of one attempt: a column per name, a value per step.
 * @typedef {object} Block
 * @property {string} run
 * @property {number} attempt
 * @property {string[]} names
 * @property {number} n rows
 * @property {[number, number]} times of the first and the last row
 * @property {boolean} thinned whether rows between them were left out
 * @property {Int32Array | Float64Array} steps
 * @property {(Float32Array | Float64Array)[]} columns
 */

const MAGIC = 0x0a314252; /* "RB1\n", little-endian */
const text = new TextDecoder();

/**
 * A block's columns are views into `buffer`, nothing is copied.
 * @param {ArrayBuffer} buffer
 * @returns {Block}
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== MAGIC) {
    throw new Error("A live message is not a block: it does not start with RB1.");
  }
  const start = 8 + view.getUint32(4, true);
  const header = /** @type {Omit<Block, "steps" | "columns"> & { wide?: boolean }} */ (
    JSON.parse(text.decode(new Uint8Array(buffer, 8, start - 8)))
  );
  const { n, names } = header;
  const size = header.wide ? 8 : 4;
  if (buffer.byteLength !== start + size * n * (names.length + 1)) {
    throw new Error(
      `A block of ${buffer.byteLength} bytes does not hold ${n} rows of ${names.length} series.`,
    );
  }
  const Values = header.wide ? Float64Array : Float32Array;
  const columns = names.map((_, i) => new Values(buffer, start + size * n * (i + 1), n));
  const steps = header.wide
    ? Float64Array.from(new BigInt64Array(buffer, start, n), Number)
    : new Int32Array(buffer, start, n);
  return { ...header, thinned: header.thinned === true, steps, columns };
}
