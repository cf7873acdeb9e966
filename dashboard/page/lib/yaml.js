const bare = (text) =>
  /^[A-Za-z][A-Za-z0-9 _./+-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) &&
  !/\s$/.test(text);
/* Many readers of YAML take 1e-7 for a text, and 1.0e-7 for the number. */
const scalar = (
  value,
) => (typeof value === "string" && bare(value) ? value : JSON.stringify(value).replace(/^(-?\d+)e/, "$1.0e"));

/* A JSON value as YAML; scalars that could be misread are quoted as JSON, which is YAML too. */
export function yaml(value, indent = "") {
  if (value === null || typeof value !== "object" || !Object.keys(value).length) {
    return `${indent}${scalar(value)}\n`;
  }
  const entries = Array.isArray(value)
    ? value.map((item) => ["-", item])
    : Object.entries(value).map(([key, item]) => [`${scalar(key)}:`, item]);
  return entries
    .map(([key, item]) => {
      const nested = item !== null && typeof item === "object" && Object.keys(item).length;
      return nested ? `${indent}${key}\n${yaml(item, `${indent}  `)}` : `${indent}${key} ${scalar(item)}\n`;
    })
    .join("");
}
