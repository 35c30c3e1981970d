// Keeps the phone's page for the time without a network. The server puts `kept` in front of
// this: the version of the page, its address and its files. Only these are ever kept; what
// the page asks of the server goes by untouched.
const shelf = `countersign-phone-${kept.version}`;
const patience = 4000; // with a network that says nothing

addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(shelf);
  await cache.addAll([kept.page, ...kept.files].map(url => new Request(url, { cache: "reload" })));
  await skipWaiting();
})()));

addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith("countersign-phone-") && name !== shelf) await caches.delete(name);
  }
  await clients.claim();
})()));

addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === kept.page) {
    const fresh = newest(request);
    event.waitUntil(fresh.catch(() => {}));
    event.respondWith(page(fresh));
  } else if (kept.files.includes(url.pathname + url.search)) {
    event.respondWith(file(request));
  }
});

// newest is the server's page, kept when it is made of the files that are kept.
async function newest(request) {
  const answer = await fetch(request);
  if (answer.ok && answer.headers.get(kept.header) === kept.version) {
    await (await caches.open(shelf)).put(kept.page, answer.clone());
  }
  return answer;
}

// page is the newest one when it comes in time, else the one that is kept: a gateway's refusal
// must not take the code away from somebody at the counter. A page that is gone is gone.
async function page(fresh) {
  const late = new Promise(resolve => setTimeout(resolve, patience));
  const answer = await Promise.race([fresh.catch(() => undefined), late]);
  if (answer?.ok || [404, 410].includes(answer?.status)) return answer;
  return await (await caches.open(shelf)).match(kept.page) ?? fresh;
}

async function file(request) {
  return await (await caches.open(shelf)).match(request) ?? fetch(request);
}
