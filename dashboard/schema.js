/* Writes dashboard/page/api/schema.d.ts, the types of what the API answers, from its OpenAPI document on standard input.
   With --check nothing is written, and what is committed must be what would be. */
import openapi, { astToString } from "openapi-typescript";

const FILE = new URL("page/api/schema.d.ts", import.meta.url);
const HEAD = "/* Made of the API's OpenAPI document by make page; not edited by hand. */\n\n";

const document = JSON.parse(await new Response(Deno.stdin.readable).text());
const tree = await openapi({ ...document, paths: {} }, { rootTypes: true, rootTypesNoSchemaPrefix: true });
const text = HEAD + astToString(tree);
if (!Deno.args.includes("--check")) await Deno.writeTextFile(FILE, text);
else if (await Deno.readTextFile(FILE) !== text) {
  console.error(
    "dashboard/page/api/schema.d.ts is not what the API describes. Run make page and commit the result.",
  );
  Deno.exit(1);
}
