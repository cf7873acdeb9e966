/* Colors that most people can tell apart, the same for a modality and for a run on every chart. */

const RUNS = 10;
const TOWARDS_INK = 0.42; /* the second ten are the first ones, nearer to the text's color */
const DASHES = [[], [7, 3], [2, 2]]; /* so 60 runs look each like none of the others */

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Colors {
  /* `runs`: ids in the order they are listed; `modalities`: names in the order they are declared. */
  constructor(runs, modalities) {
    this.runs = runs;
    this.modalities = modalities;
    this.read();
  }

  /* Again after the scheme changed. */
  read() {
    const hues = Array.from({ length: RUNS }, (_, i) => variable(`--run-${i}`));
    this._runs = [...hues, ...hues.map((hue) => mixed(hue, variable("--ink"), TOWARDS_INK))];
    this._modalities = Array.from({ length: 6 }, (_, i) => variable(`--modality-${i}`));
    this.joint = variable("--joint");
    this.grid = variable("--chart-grid");
    this.axis = variable("--chart-axis");
    this.reference = variable("--chart-reference");
    this.mark = variable("--chart-mark");
    this.odd = variable("--chart-odd");
    this.surface = variable("--surface");
  }

  run(id) {
    return this._runs[this._place(id) % this._runs.length];
  }

  /* How its lines are dashed where runs are more than tones; [] for most. */
  dash(id) {
    return DASHES[Math.floor(this._place(id) / this._runs.length) % DASHES.length];
  }

  _place(id) {
    return Math.max(0, this.runs.indexOf(id));
  }

  modality(name) {
    if (!name) return this.joint;
    return this._modalities[Math.max(0, this.modalities.indexOf(name)) % this._modalities.length];
  }
}

/* "#rrggbb" moved towards another one. */
function mixed(color, other, share) {
  const parts = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const [from, to] = [parts(color), parts(other)];
  return `#${from.map((v, i) => Math.round(v + share * (to[i] - v)).toString(16).padStart(2, "0")).join("")}`;
}
