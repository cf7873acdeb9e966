/* Where a slider of a setting ends, and how it is spaced: by factors where a setting is small and far from
   its limit, as a learning rate is. Pure. */

/** @import { Setting } from "../api/catalog.js" */

const SMALL = 0.1; /* a positive default below this is changed by factors */
const FACTOR = 100; /* how far such a slider reaches to each side */
const PLACES = 200;

/** @param {unknown} value */
const size = (value) => (typeof value === "number" ? Math.abs(value) : 0);

/**
 * A slider's places 0 to `PLACES`, and the values they mean.
 * @typedef {{ places: number, valueOf: (place: number) => number, placeOf: (value: number) => number }} Reach
 */

/**
 * @param {Setting} schema
 * @param {unknown} value in force
 * @returns {Reach}
 */
export function reachOf(schema, value) {
  const usual = size(schema.default);
  const least = schema.minimum ?? schema.exclusiveMinimum ?? 0;
  if (schema.type === "number" && least === 0 && isSmall(usual)) return byFactors(schema, usual);
  const most = 2 * Math.max(usual, size(value)) || 1;
  return toScale(least, Math.min(schema.maximum ?? Infinity, most), schema.type === "integer");
}

/** @param {number} usual */
const isSmall = (usual) => usual > 0 && usual < SMALL;

/**
 * @param {number} least
 * @param {number} most
 * @param {boolean} whole
 * @returns {Reach}
 */
function toScale(least, most, whole) {
  const span = most - least || 1;
  const places = whole ? Math.round(span) : PLACES;
  return {
    places,
    valueOf: (place) => rounded(least + (span * place) / places),
    placeOf: (at) => Math.round((places * (at - least)) / span),
  };
}

/**
 * @param {Setting} schema
 * @param {number} usual
 * @returns {Reach}
 */
function byFactors(schema, usual) {
  const [low, high] = [usual / FACTOR, Math.min(schema.maximum ?? Infinity, usual * FACTOR)];
  const span = Math.log(high / low);
  return {
    places: PLACES,
    valueOf: (place) => rounded(low * Math.exp((span * place) / PLACES)),
    placeOf: (at) => Math.round((PLACES * Math.log(Math.max(at, low) / low)) / span),
  };
}

/** @param {number} value */
const rounded = (value) => Number(value.toPrecision(3));
