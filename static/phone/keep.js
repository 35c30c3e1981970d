"use strict";

// What this phone keeps: one record in IndexedDB, which outlives reloads, restarts and days
// without a network. The private key lies in it as a CryptoKey that nobody can export. The
// other windows of the page hear of every change.
//
//   client         {id, key, jwk, management: {uri, token}}: this phone's registration
//   account, name  what the person typed last
//   request        {deviceCode, userCode, askedAt, expiresAt, interval, notBefore, retryAt, polledAt, failures}
//   tokens         {access, refresh, scope, expiresAt}
//   ended          "declined", "expired", "failed" or "revoked": what became of the last request
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
    database.onversionchange = () => database.close();
    return database;
  }

  async function records(mode) {
    opened ??= open().catch(error => { opened = undefined; throw error; });
    return (await opened).transaction(name, mode, { durability: "strict" }).objectStore(name);
  }

  const read = async () => await result((await records("readonly")).get(record)) ?? {};

  // change lets edit alter the record, in one transaction: two windows never overwrite each
  // other. edit returns false to leave everything as it is.
  async function change(edit) {
    const store = await records("readwrite");
    const done = new Promise((resolve, reject) => {
      store.transaction.oncomplete = resolve;
      store.transaction.onabort = store.transaction.onerror = () => reject(store.transaction.error);
    });
    const phone = await result(store.get(record)) ?? {};
    if (edit(phone) !== false) store.put(phone, record);
    await done;
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

  return { read, change, heard, forget };
})();
