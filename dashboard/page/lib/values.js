import { number } from "./numbers.js";

export const plain = (value) => (typeof value === "number" ? number(value) : String(value ?? "empty"));
