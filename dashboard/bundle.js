/* Bundles the page into dashboard/static/ and the report's program into rhoscope/report/. Both are committed,
   so that running rhoscope needs no JavaScript tool. With --check nothing is written, and what is committed
   must be what would be. */
import { build, stop } from "esbuild";

const ROOT = new URL("..", import.meta.url).pathname;
const LICENSE = "/*! Contains uPlot, Copyright (c) Leon Sorokin, MIT License */";
/** @type {import("esbuild").BuildOptions} */
const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  write: false,
  target: ["es2022"],
  charset: "utf8",
  banner: { js: LICENSE, css: LICENSE },
  external: ["../../assets/*"],
};

/** @type {import("esbuild").BuildOptions[]} */
const entries = [
  { entryPoints: { page: "dashboard/page/main.js" }, format: "iife", outdir: "dashboard/static" },
  { entryPoints: { login: "dashboard/page/login/main.js" }, format: "iife", outdir: "dashboard/static" },
  { entryPoints: { page: "dashboard/page/style/index.css" }, outdir: "dashboard/static" },
  { entryPoints: { report: "dashboard/page/report/main.js" }, format: "iife", outdir: "rhoscope/report" },
  { entryPoints: { report: "dashboard/page/report/report.css" }, outdir: "rhoscope/report" },
];

/** @type {string[]} */
const stale = [];
for (const entry of entries) {
  const { outputFiles } = await build({ ...OPTIONS, ...entry });
  for (const { path, contents } of outputFiles ?? []) {
    const kept = await Deno.readFile(path).catch(() => null);
    if (kept && kept.length === contents.length && kept.every((byte, i) => byte === contents[i])) continue;
    stale.push(path.slice(ROOT.length));
    if (!Deno.args.includes("--check")) await Deno.writeFile(path, contents);
  }
}
stop();

if (stale.length && Deno.args.includes("--check")) {
  console.error(`${stale.join(", ")}: not what dashboard/page makes. Run make page and commit the result.`);
  Deno.exit(1);
}
