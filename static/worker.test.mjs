// When phone/worker.js shows the page that it keeps, run by phone_test.go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

// opened is what somebody sees who opens the page while the server's answer is as given.
async function opened(answer, shelf = ["kept"]) {
  const listeners = {};
  vm.runInNewContext(readFileSync("phone/worker.js", "utf8"), {
    kept: { version: "1", page: "/phone", files: [], header: "v" }, URL, setTimeout: () => {}, location: { origin: "https://a.example" },
    addEventListener: (name, listener) => { listeners[name] = listener; },
    caches: { open: async () => ({ match: async () => shelf[0], put: async () => {} }) },
    fetch: async () => { if (answer instanceof Error) throw answer; return answer; },
  });
  let response;
  listeners.fetch({
    request: { method: "GET", mode: "navigate", url: "https://a.example/phone" },
    waitUntil() {}, respondWith(promise) { response = promise; },
  });
  return response;
}

test("only the page itself, or its end, replaces the kept one", async () => {
  for (const status of [200, 404, 410]) {
    assert.equal((await opened(new Response("", { status }))).status, status);
  }
  for (const status of [400, 401, 403, 407, 429, 500, 503]) {
    assert.equal(await opened(new Response("", { status })), "kept", `status ${status}`);
  }
  assert.equal(await opened(Response.error()), "kept", "a redirect elsewhere");
  assert.equal(await opened(new Error("no network")), "kept");
});

test("where nothing is kept, the server's answer is shown", async () => {
  assert.equal((await opened(new Response("", { status: 503 }), [])).status, 503);
});
