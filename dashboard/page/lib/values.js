/* A setting's value as text. */
import { number } from "./numbers.js";

/** @param {unknown} value */
export const plain = (value) => (typeof value === "number" ? number(value) : String(value ?? "empty"));
