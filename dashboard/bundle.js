/* Bundles the page into dashboard/static/, which is committed: whoever runs rhoscope needs no tool of JavaScript's.
   With --check nothing is written, and what is committed must be what would be. */
import { build, stop } from "esbuild";

const HERE = new URL(".", import.meta.url).pathname;
const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  target: ["es2022"],
  charset: "utf8",
  external: ["/assets/*"],
  outdir: "static",
};

const entries = [
  { entryPoints: { page: "page/main.js" }, format: "iife" },
  { entryPoints: { page: "page/style/index.css" } },
];

const stale = [];
for (const entry of entries) {
  const { outputFiles } = await build({ ...OPTIONS, ...entry });
  for (const { path, contents } of outputFiles) {
    const kept = await Deno.readFile(path).catch(() => null);
    if (kept && kept.length === contents.length && kept.every((byte, i) => byte === contents[i])) continue;
    stale.push(path.slice(HERE.length));
    if (!Deno.args.includes("--check")) await Deno.writeFile(path, contents);
  }
}
stop();

if (stale.length && Deno.args.includes("--check")) {
  console.error(`${stale.join(", ")}: not what dashboard/page makes. Run make page and commit the result.`);
  Deno.exit(1);
}
