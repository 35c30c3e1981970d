"use strict";

// What this phone keeps: one record in IndexedDB, which outlives reloads, restarts and days
// without a network. The private key lies in it as a CryptoKey that nobody can export. The
// other windows of the page hear of every change.
//
//   client         {id, key, jwk, management: {uri, token}}: this phone's registration
//   connectedAt    when it connected; pages from before kept none
//   account, name  what the person typed last
//   request        {deviceCode, userCode, askedAt, expiresAt, interval, notBefore, retryAt, polledAt, failures}
//   tokens         {access, refresh, scope, expiresAt}
//   ended          "declined", "expired", "failed" or "revoked": what became of the last request
//   reason         of a decline, when the server told it
//   refused        {times, since}: the server did not know this client; see forgotten
//
// All times are milliseconds since 1970.
const keep = (() => {
  const name = "countersign-phone", record = "phone";
  const channel = new BroadcastChannel(name);
  const listeners = [];
  let opened;

  const result = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function open() {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(name);
    const database = await result(request);
    database.onclose = () => { opened = undefined; };
    database.onversionchange = () => { opened = undefined; database.close(); };
    return database;
  }

  async function records(mode) {
    opened ??= open().catch(error => { opened = undefined; throw error; });
    return (await opened).transaction(name, mode, { durability: "strict" }).objectStore(name);
  }

  // twice: browsers close a database when they need its room or their process ends, and say
  // so late or never. What failed is done once more with a connection of its own.
  async function twice(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      opened?.then(database => database.close(), () => {});
      opened = undefined;
      return work();
    }
  }

  const read = () => twice(async () => await result((await records("readonly")).get(record)) ?? {});

  async function write(edit) {
    const store = await records("readwrite");
    const done = new Promise((resolve, reject) => {
      store.transaction.oncomplete = resolve;
      store.transaction.onabort = store.transaction.onerror = () =>
        reject(store.transaction.error ?? new DOMException("the connection was lost", "AbortError"));
    });
    done.catch(() => {}); // reported by whichever fails first
    const phone = await result(store.get(record)) ?? {};
    if (edit(phone) !== false) store.put(phone, record);
    await done;
    return phone;
  }

  // change lets edit alter the record, in one transaction: two windows never overwrite each
  // other. edit returns false to leave everything as it is.
  async function change(edit) {
    const phone = await twice(() => write(edit));
    channel.postMessage("changed");
    for (const listener of listeners) listener();
    return phone;
  }

  // heard calls the listener after every change, in this window or another.
  function heard(listener) {
    listeners.push(listener);
    channel.addEventListener("message", listener);
  }

  const forget = () => change(phone => { for (const member of Object.keys(phone)) delete phone[member]; });

  // forgotten notes that the server did not know this client, and says whether to believe it. An
  // assertion that came late, or twice over a bad line, is refused in the same words.
  function forgotten(phone) {
    const now = Date.now(), { times, since } = phone.refused ?? { times: 0, since: now };
    phone.refused = { times: times + 1, since: Math.min(since, now) };
    if (times < 2 || now - since < 10 * 60_000) return false;
    delete phone.refused;
    return true;
  }

  return { read, change, heard, forget, forgotten };
})();
