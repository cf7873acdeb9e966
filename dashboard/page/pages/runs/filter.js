/* A filter typed by a person as parameters of the API: pure functions of the text. */
import { fieldOf } from "../../runs/facts.js";

/**
 * A filter that was read; `problem` explains how to write what can't be read.
 * @typedef {object} Filter
 * @property {[name: string, value: string][]} params
 * @property {string} problem
 */
/** @typedef {{ fields: Map<string, string>, where: string[], words: string[], problem: string }} Parts */

const TOKEN = /[^\s"]+:"[^"]*"|"[^"]*"|\S+/g;
const FIELD = /^([\p{L}\p{N}_.]+):(.*)$/u;
const COMPARISON = /^([\p{L}\p{N}_.]+?)(!=|<=|>=|=|<|>)(.*)$/u;
const SPACED = /([\p{L}\p{N}_.])\s+(!=|<=|>=|=|<|>)\s*(?=\S)|(!=|<=|>=|=|<|>)\s+(?=[\p{N}.+-])/gu;
const SIGNS = /[\uff01\uff1a\uff1c-\uff1e]/g; /* ！：＜＝＞ of East Asian keyboards */
/* Fields that are parameters of the API by themselves. */
const PARAMETERS = ["state", "strategy", "dataset", "tag", "sweep"];

/**
 * @param {string} text
 * @returns {string[]}
 */
const tokens = (text) =>
  text.split(/("[^"]*")/).map((part, n) => (n % 2 ? part : joined(part))).join("").match(TOKEN) ?? [];

/**
 * Comparisons without the spaces in them, signs as ASCII writes them.
 * @param {string} text
 */
const joined = (text) => text.replace(SIGNS, (sign) => sign.normalize("NFKC")).replace(SPACED, "$1$2$3");

/** @param {string} text */
const bare = (text) => text.replace(/^"(.*)"$/, "$1");

/**
 * @param {string} text
 * @returns {Filter}
 */
function parse(text) {
  /** @type {Parts} */
  const parts = { fields: new Map(), where: [], words: [], problem: "" };
  for (const token of tokens(text)) {
    const field = FIELD.exec(token);
    const comparison = COMPARISON.exec(token);
    if (field) addField(parts, field[1], bare(field[2]));
    else if (comparison) addComparison(parts, comparison);
    else parts.words.push(bare(token));
  }
  /** @type {Filter["params"]} */
  const params = [...parts.fields];
  for (const condition of parts.where) params.push(["where", condition]);
  if (parts.words.length) params.push(["q", parts.words.join(" ")]);
  return { params, problem: parts.problem };
}

/**
 * @param {Parts} parts
 * @param {string} field
 * @param {string} value
 */
function addField(parts, field, value) {
  const { fields } = parts;
  if (!value) {
    const example = field === "state" ? "running" : "value";
    parts.problem = `Add a value after ${field}:, as in ${field}:${example}.`;
  } else if (field === "state") fields.set(field, [fields.get(field), value].filter(Boolean).join(","));
  else if (PARAMETERS.includes(field) && !fields.has(field)) fields.set(field, value);
  else if (field === "tag") parts.problem = "Only one tag: filter can be used at a time.";
  else parts.where.push(`${fieldOf(field)}=${value}`);
}

/**
 * @param {Parts} parts
 * @param {RegExpExecArray} comparison
 */
function addComparison(parts, [token, name, sign, value]) {
  if (value) parts.where.push(`${fieldOf(name)}${sign}${bare(value)}`);
  else parts.problem = `Add a value after ${token}, as in ${name}${sign}0.3.`;
}

/**
 * The states that a filter keeps.
 * @param {string} text
 */
const states = (text) =>
  tokens(text)
    .filter((token) => token.startsWith("state:"))
    .flatMap((token) => token.slice("state:".length).split(",").filter(Boolean));

/**
 * The filter with a state added or removed; the other words stay as they were typed.
 * @param {string} text
 * @param {string} state
 */
function toggle(text, state) {
  const before = states(text);
  const now = before.includes(state) ? before.filter((name) => name !== state) : [...before, state];
  const rest = tokens(text).filter((token) => !token.startsWith("state:"));
  return [...(now.length ? [`state:${now.join(",")}`] : []), ...rest].join(" ");
}

export const runFilter = { parse, states, toggle };
