// What is compressed beforehand is the library itself.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { brotliDecompressSync } from "node:zlib";

test("compressed libraries are the libraries", () => {
  const names = readdirSync(".").filter(name => name.endsWith(".br"));
  assert.notEqual(names.length, 0);
  for (const name of names) assert.deepEqual(brotliDecompressSync(readFileSync(name)), readFileSync(name.slice(0, -3)));
});
