/* Colours that most people can tell apart, the same for a modality and for a run on every chart. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const RUNS = 10;

  function variable(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  class Colours {
    /* `runs`: ids in the order they are listed; `modalities`: names in the order they are declared. */
    constructor(runs, modalities) {
      this.runs = runs;
      this.modalities = modalities;
      this.read();
    }

    /* Again after the scheme changed. */
    read() {
      this._runs = Array.from({ length: RUNS }, (_, i) => variable(`--run-${i}`));
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
      return this._runs[Math.max(0, this.runs.indexOf(id)) % RUNS];
    }

    modality(name) {
      if (!name) return this.joint;
      return this._modalities[Math.max(0, this.modalities.indexOf(name)) % this._modalities.length];
    }
  }

  rhoscope.Colours = Colours;
})();
