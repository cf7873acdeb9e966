/* The example of an instrument does what its README says: one file and one line make it part of the page. */
import assert from "node:assert/strict";
import { build, stop } from "esbuild";

const ROOT = new URL("../../../", import.meta.url).pathname;
const EXAMPLE = `${ROOT}examples/instrument`;
const INDEX = "instruments/index.js";

/**
 * Copy a folder with all its files.
 * @param {string} from
 * @param {string} to
 */
async function copy(from, to) {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** The lines before and after the example's patch, which has a single hunk. */
async function hunk() {
  const lines = (await Deno.readTextFile(`${EXAMPLE}/index.js.patch`)).trimEnd().split("\n");
  const body = lines.slice(lines.findIndex((line) => line.startsWith("@@")) + 1);
  const text = (/** @type {string} */ sign) =>
    body.filter((line) => line[0] === " " || line[0] === sign).map((line) => line.slice(1)).join("\n");
  return { before: text("-"), after: text("+"), changed: body.filter((line) => line[0] !== " ") };
}

/**
 * Run a test on a copy of the page, in a temporary folder, to which file and line were added.
 * @param {(page: string) => Promise<void>} test
 */
async function extended(test) {
  const page = await Deno.makeTempDir();
  try {
    await copy(`${ROOT}dashboard/page`, page);
    const index = await Deno.readTextFile(`${page}/${INDEX}`);
    const { before, after } = await hunk();
    assert.ok(index.includes(before), "index.js.patch no longer applies");
    await Deno.writeTextFile(`${page}/${INDEX}`, index.replace(before, after));
    await Deno.copyFile(`${EXAMPLE}/gradient-share.js`, `${page}/instruments/gradient-share.js`);
    await test(page);
  } finally {
    await Deno.remove(page, { recursive: true });
  }
}

/**
 * The page's program in memory, as dashboard/bundle.js builds it.
 * @param {string} page
 */
async function bundled(page) {
  const { outputFiles } = await build({
    entryPoints: [`${page}/main.js`],
    bundle: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    charset: "utf8",
    nodePaths: [`${ROOT}node_modules`],
    logLevel: "silent",
  });
  await stop();
  return outputFiles[0].text;
}

Deno.test("the shares of a gradient add up to one, and need every norm", () =>
  extended(async (page) => {
    const { gradientShares } = await import(`file://${page}/instruments/gradient-share.js`);
    const shares = gradientShares([["audio", 3], ["visual", 4]]);
    assert.deepEqual(shares, [{ modality: "audio", share: 0.36 }, { modality: "visual", share: 0.64 }]);
    assert.deepEqual(gradientShares([["audio", 3], ["visual", NaN]]), []);
    assert.deepEqual(gradientShares([["audio", 0], ["visual", 0]]), []);
    assert.deepEqual(gradientShares([["audio", Infinity], ["visual", 1]]), []);
  }));

Deno.test("one line is all that changes", async () => {
  const { changed } = await hunk();
  assert.deepEqual(changed, ['+export { gradientShare } from "./gradient-share.js";']);
});

Deno.test("with the example the instruments are of the types that the page wants", () =>
  extended(async (page) => {
    const list = `${page}/instruments/list.js`;
    const args = ["check", "--quiet", "--no-lock", "--config", `${ROOT}deno.json`, list];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }));

Deno.test("file and line bring the example into the bundle, without them it is not there", async () => {
  assert.ok(!(await bundled(`${ROOT}dashboard/page`)).includes("gradient-share"));
  await extended(async (page) => {
    const text = await bundled(page);
    assert.ok(text.includes('name: "gradient-share"'));
    assert.ok(text.includes("Share of the encoders' squared gradient norm."));
  });
});
