const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [12, 4]];

/* Entries with the color and dashes of their place: ten colors, then the same ones dashed. */
export function colored(entries, colors) {
  colors.runs = entries.map((entry) => entry.key);
  return entries.map((entry, i) => ({
    ...entry,
    color: colors.run(entry.key),
    dash: DASHES[Math.floor(i / 10) % DASHES.length],
  }));
}
