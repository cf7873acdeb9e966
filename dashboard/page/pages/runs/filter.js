/* What a person types to narrow the list of runs, as the API asks for it: pure functions of the text. */

const TOKEN = /[^\s"]+:"[^"]*"|"[^"]*"|\S+/g;
const FIELDS = ["state", "strategy", "dataset", "tag", "sweep"];
const FACTS = [
  "name",
  "worker",
  "created",
  "started",
  "finished",
  "step",
  "epoch",
  "progress",
  "duration",
  "fusion",
  "best",
  "test",
  "strategy",
  "dataset",
  "state",
];
const STATES = [
  "queued",
  "starting",
  "running",
  "pausing",
  "paused",
  "stopping",
  "stopped",
  "completed",
  "failed",
  "lost",
];

const tokens = (text) => text.match(TOKEN) ?? [];
const bare = (text) => text.replace(/^"(.*)"$/, "$1");

/* A name as the API knows it: what it does not know is a setting's. */
const fact = (name) => (FACTS.includes(name) || name.startsWith("settings.") ? name : `settings.${name}`);

/* {params: [[name, value]], problem}: `problem` says what can't be read, and how it is written. */
function parse(text) {
  const fields = new Map();
  const words = [];
  const where = [];
  let problem = "";
  for (const token of tokens(text)) {
    const colon = token.indexOf(":");
    const compared = /^([\w.]+?)(!=|<=|>=|=|<|>)(.*)$/.exec(token);
    const field = token.slice(0, colon);
    if (colon > 0 && /^[\w.]+$/.test(field)) {
      const value = bare(token.slice(colon + 1));
      if (!value) {
        problem = `Write something after ${token}, as in ${field}:${
          field === "state" ? "running" : "value"
        }.`;
      } else if (field === "state") fields.set(field, [fields.get(field), value].filter(Boolean).join(","));
      else if (FIELDS.includes(field) && !fields.has(field)) fields.set(field, value);
      else if (field === "tag") problem = "Only one tag: can be asked for at a time.";
      else where.push(`${fact(field)}=${value}`);
    } else if (compared) {
      const [, name, sign, value] = compared;
      if (value) where.push(`${fact(name)}${sign}${bare(value)}`);
      else problem = `Write a value after ${token}, as in ${name}${sign}0.3.`;
    } else {
      words.push(bare(token));
    }
  }
  const params = [...fields, ...where.map((one) => ["where", one])];
  if (words.length) params.push(["q", words.join(" ")]);
  return { params, problem };
}

/* The states that a text asks for. */
const states = (text) =>
  tokens(text)
    .filter((token) => token.startsWith("state:"))
    .flatMap((token) => token.slice(6).split(",").filter(Boolean));

/* The text with a state asked for or no longer; the others stay as they were typed. */
function toggle(text, state) {
  const before = states(text);
  const now = before.includes(state) ? before.filter((one) => one !== state) : [...before, state];
  const rest = tokens(text).filter((token) => !token.startsWith("state:"));
  return [...(now.length ? [`state:${now.join(",")}`] : []), ...rest].join(" ");
}

export const runFilter = { parse, states, toggle, fact, STATES };
