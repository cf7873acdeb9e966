/* The way back from the login leads to a page of this server. */
import { equal } from "node:assert/strict";
import { next } from "../../../dashboard/page/lib/login.js";

Object.assign(globalThis, { location: new URL("http://lab:8050/login?next=%2Fwatch%3Fruns%3Da") });

Deno.test("the login leads back to the page and its parameters", () => {
  equal(next(), "/watch?runs=a");
  equal(next("?next=%2F"), "/");
  equal(next(""), "/");
});

Deno.test("the login never leads to another site, nor to a program", () => {
  for (
    const there of [
      "https://evil.example/x",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
      "http://",
    ]
  ) {
    equal(next(`?next=${encodeURIComponent(there)}`), "/");
  }
});
