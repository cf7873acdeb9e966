import assert from "node:assert/strict";
import { csv, escapedLatex, latex, markdown } from "../../../dashboard/page/lib/tabular.js";

const table = {
  caption: "2 strategies & 3 seeds",
  heads: ["Strategy", "batch_size", "Test accuracy"],
  rows: [
    ["joint", "64", "61.2 ± 0.8 %"],
    ["ogm|ge", "–", { text: "64.9 %", strong: true }],
  ],
};

Deno.test("a table is LaTeX that compiles: booktabs, escaped signs, numbers right, the best bold", () => {
  assert.equal(
    latex(table),
    [
      "% \\usepackage{booktabs}",
      "\\begin{table}[t]",
      "  \\centering",
      "  \\caption{2 strategies \\& 3 seeds}",
      "  \\begin{tabular}{lrr}",
      "    \\toprule",
      "    Strategy & batch\\_size & Test accuracy (\\%) \\\\",
      "    \\midrule",
      "    joint & 64 & 61.2 $\\pm$ 0.8 \\\\",
      "    ogm|ge & -- & \\textbf{64.9} \\\\",
      "    \\bottomrule",
      "  \\end{tabular}",
      "\\end{table}",
      "",
    ].join("\n"),
  );
});

Deno.test("every sign that LaTeX reads as a command is escaped, once", () => {
  assert.equal(
    escapedLatex("a\\b {50%} #1_x~^ −2 …"),
    [
      "a\\textbackslash b \\{50\\%\\} \\#1\\_x\\textasciitilde{}\\textasciicircum{} $-$2 \\dots{}",
    ].join(""),
  );
});

Deno.test("a table is Markdown, in which a bar in a cell ends no cell", () => {
  assert.equal(
    markdown(table),
    [
      "| Strategy | batch_size | Test accuracy (%) |",
      "| --- | ---: | ---: |",
      "| joint | 64 | 61.2 ± 0.8 |",
      "| ogm\\|ge | – | **64.9** |",
      "",
    ].join("\n"),
  );
});

Deno.test("a table is CSV, with numbers as a spreadsheet reads them", () => {
  const signs = { caption: "", heads: ["a,b", "value"], rows: [["=1+1", "−0.5"], ['say "x"', "3"]] };
  assert.equal(csv(signs), '"a,b",value\n\'=1+1,-0.5\n"say ""x""",3\n');
});
