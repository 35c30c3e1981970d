"use strict";

// What a person does on the phone's page, and the page's start.
(() => {
  const { settings } = server;
  const form = document.getElementById("phone-form");
  const fresh = 60_000; // an answer of the sample API is not asked for again sooner
  let calledAt = 0;

  // oneAtATime runs an action in this window only, and says what came of it.
  async function oneAtATime(action) {
    const buttons = document.querySelectorAll("main button");
    for (const button of buttons) button.disabled = true;
    show.problem("");
    show.news("working");
    try {
      await navigator.locks.request("countersign-phone-action", action);
      show.news("");
    } catch (error) {
      show.news("");
      show.problem(wordsFor(error), error.field, Date.now() + (error.retryAfter || 60_000));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  function wordsFor(error) {
    if (error instanceof Unreachable) return unreachable(error.status);
    if (error instanceof DOMException) return "notKept";
    return {
      needAccount: "needAccount", needToken: "needToken", wrong_clock: "refusedClock", invalid_request: "refusedEntry", invalid_token: "refusedToken",
      invalid_client_metadata: "refusedApp", invalid_software_statement: "refusedApp", unapproved_software_statement: "refusedApp",
    }[error.code] ?? "refused";
  }

  function unreachable(status) {
    if (status === 429) return "tooMany";
    if (status >= 500) return "unavailable";
    return navigator.onLine ? "noNetwork" : "offlineNow";
  }

  function missing(code, field) {
    return Object.assign(new Refused(0, code), { field });
  }

  // propose shows what was typed, so that it is read once more before it leaves this device.
  async function propose() {
    const account = form.login_hint.value.trim(), name = form.instance_name.value.trim();
    if (account === "") throw missing("needAccount", form.login_hint);
    const field = form.initial_access_token;
    if (field?.value.trim() === "" && !(await keep.read()).client) throw missing("needToken", field);
    show.propose({ account, name });
  }

  async function change() {
    show.propose();
    form.login_hint.focus();
  }

  // ask registers this phone where it is not yet, and asks for codes. What goes wrong is mended in the form.
  async function ask() {
    const account = form.login_hint.value.trim(), name = form.instance_name.value.trim();
    try {
      await send(account, name);
    } catch (error) {
      show.propose();
      throw error;
    }
    navigator.storage?.persist?.();
  }

  async function send(account, name) {
    const { client } = await keep.read();
    const authorize = client => server.authorize(client, account, name);
    const unknown = error => { if (error.code !== "invalid_client") throw error; };
    const request = client && (await authorize(client).catch(unknown) ?? await authorize(client).catch(unknown)) // once may be a bad line
      || await authorize(await register()); // the server has forgotten the old one
    await keep.change(phone => {
      Object.assign(phone, { account, name, request });
      for (const member of ["ended", "reason", "refused"]) delete phone[member];
    });
  }

  async function register() {
    await keep.change(phone => { delete phone.client; });
    const field = form.initial_access_token, token = field?.value.trim();
    if (token === "") throw missing("needToken", field);
    const client = await server.register(token);
    await keep.change(phone => { phone.client = client; });
    if (field) field.value = "";
    return client;
  }

  async function leave() {
    const { client, tokens } = await keep.read();
    if (client) await server.leave(client, tokens);
    await keep.forget();
    form?.reset(); // the browser may have filled it in again
  }

  const again = () => keep.change(phone => { delete phone.ended; });

  // drop gives up a code whose time is over, with no network either: the person says that
  // no counter has seen it.
  const drop = () => keep.change(phone => { delete phone.request; });

  // call shows that the connection works, or finds out that it has ended.
  async function call() {
    calledAt = Date.now();
    try {
      show.sample(await called(await keep.read()));
      await keep.change(phone => phone.refused ? delete phone.refused : false);
    } catch (error) {
      show.sample();
      if (["invalid_grant", "invalid_client"].includes(error.code)) await keep.change(phone => disconnected(phone, error.code));
    }
  }

  function disconnected(phone, code) {
    if (code === "invalid_client") {
      if (!keep.forgotten(phone)) return;
      delete phone.client;
    }
    delete phone.tokens;
    delete phone.connectedAt;
    phone.ended = "revoked";
  }

  async function called(phone) {
    if (phone.tokens.expiresAt - 10_000 < Date.now()) phone = await refreshed(phone);
    try {
      return await server.call(phone.client, phone.tokens);
    } catch (error) {
      if (error.code !== "invalid_token") throw error;
      phone = await refreshed(phone);
      return server.call(phone.client, phone.tokens);
    }
  }

  async function refreshed({ client, tokens }) {
    const renewed = await server.refresh(client, tokens);
    return keep.change(phone => { if (phone.tokens) phone.tokens = renewed; });
  }

  // callNow and then: when the connection is shown, and nobody did a moment ago.
  function callNow() {
    if (show.state() !== "connected" || document.visibilityState !== "visible" || Date.now() - calledAt < fresh) return;
    calledAt = Date.now();
    navigator.locks.request("countersign-phone-action", call);
  }

  async function update() {
    const phone = await keep.read();
    show.record(phone);
    if (form && phone.account && !form.login_hint.value) {
      form.login_hint.value = phone.account;
      form.instance_name.value = phone.name;
    }
    callNow();
  }

  async function start() {
    if (!isSecureContext || !crypto.subtle || !window.indexedDB || !navigator.locks || !window.BroadcastChannel || !AbortSignal.timeout) return show.unable();
    if (location.origin !== settings.issuer) return show.unable("wrongAddress");
    try {
      await update();
    } catch {
      return show.unable("notKept");
    }
    navigator.serviceWorker?.register(settings.worker, { scope: settings.page }).catch(() => {}); // without it the page needs a network to open
    keep.heard(update);
    waiting.start(show.tick);
    setInterval(show.tick, 1000);
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, () => { show.tick(); callNow(); });
    document.addEventListener("visibilitychange", () => { show.tick(); callNow(); });

    form?.addEventListener("submit", event => { event.preventDefault(); oneAtATime(propose); });
    const actions = { ask, change, leave, again, drop, call };
    for (const button of document.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => oneAtATime(actions[button.dataset.do]));
    }
  }

  start();
})();
