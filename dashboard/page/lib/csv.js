/* Columns of {steps, values} as lines of text, joined at their steps; a missing value is empty, NaN is NaN. */
export function csvRows(columns) {
  const steps = [...new Set(columns.flatMap((column) => column.steps))].sort((a, b) => a - b);
  const at = columns.map(() => 0);
  return steps
    .map((step) => {
      const cells = columns.map((
        column,
        c,
      ) => (column.steps[at[c]] === step ? String(column.values[at[c]++]) : ""));
      return `${step},${cells.join(",")}\n`;
    })
    .join("");
}
