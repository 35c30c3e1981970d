"use strict";

// Waits for the counter's decision: a stream says when there is one, polls fetch it (RFC 8628
// sections 3.4, 3.5). One window of the page does it for all. It goes on past the deadline of
// the code, since an approval opens a second window that the phone cannot see.
const waiting = (() => {
  const rest = 5 * 60_000; // between two polls while the stream would tell
  const longest = 150_000; // of a back-off, before its jitter: a lost answer is given again for 10 minutes only
  const slower = 5_000; // for each slow_down
  const silence = 40_000; // the stream's heart beats every 15 s
  const lock = "countersign-phone-waiting";

  const asker = sleeper(), listener = sleeper();
  const status = { elsewhere: false, open: false, decided: "", wrongClock: false };
  let changed = () => {};

  function set(members) {
    Object.assign(status, members);
    changed();
  }

  // A sleeper sleeps until it is woken, also when that was just before.
  function sleeper() {
    let woken = false, end = () => {};
    return {
      wake() { woken = true; end(); },
      async sleep(length) {
        if (!woken) {
          await new Promise(resolve => {
            const timer = setTimeout(resolve, Math.min(length, 3_600_000));
            end = () => { clearTimeout(timer); resolve(); };
          });
        }
        woken = false;
      },
    };
  }

  // wanted: an unanswered poll goes on in the background, because its answer may have been the tokens.
  const wanted = phone => phone.client && phone.request && navigator.onLine &&
    (document.visibilityState === "visible" || phone.request.failures > 0);

  // due is when the next poll may be sent. What a clock that was wrong has left behind does not count.
  // A server that is heard again after a failure is asked at the interval, but not before its
  // own Retry-After.
  function due({ deviceCode, interval, notBefore, polledAt, failures, retryAt = 0 }) {
    const now = Date.now();
    if (polledAt > now || notBefore - now > Math.max(interval, 2 * longest)) return now;
    if (status.open && failures > 0) return Math.min(notBefore, Math.max(retryAt, polledAt + interval));
    const told = !status.open || status.decided === deviceCode;
    return told ? notBefore : Math.max(notBefore, polledAt + Math.max(rest, interval));
  }

  async function ask() {
    for (;;) {
      try {
        if (wanted(await keep.read())) {
          const queued = setTimeout(() => set({ elsewhere: true }), 500);
          await navigator.locks.request(lock, () => { clearTimeout(queued); return turn(); });
        } else {
          await asker.sleep(Infinity);
        }
      } catch {
        await asker.sleep(30_000); // nothing can be kept just now
      }
    }
  }

  // turn is this window's time as the one that waits.
  async function turn() {
    const end = new AbortController();
    set({ elsewhere: false });
    listen(end.signal).catch(() => {}); // without a stream there are the polls
    try {
      for (let phone = await keep.read(); wanted(phone); phone = await keep.read()) {
        const wait = due(phone.request) - Date.now();
        if (wait > 0) await asker.sleep(wait);
        else await poll(phone);
      }
    } finally {
      end.abort();
      listener.wake();
      set({ open: false });
    }
  }

  async function poll({ client, request }) {
    let edit;
    try {
      const tokens = await server.poll(client, request);
      edit = phone => { phone.tokens = tokens; delete phone.request; delete phone.ended; };
    } catch (error) {
      edit = phone => unredeemed(phone, error);
      set({ wrongClock: error.code === "wrong_clock" });
    }
    set({ decided: "" });
    await keep.change(phone => phone.request?.deviceCode === request.deviceCode ? edit(phone) : false);
  }

  // unredeemed notes what an answer without tokens means.
  function unredeemed(phone, error) {
    const request = phone.request;
    request.polledAt = Date.now();
    if (error instanceof Unreachable) {
      request.failures++;
      const pause = Math.max(request.interval, Math.min(request.interval * 2 ** Math.min(request.failures, 16), longest));
      request.retryAt = Date.now() + Math.min(error.retryAfter, 2 * longest);
      request.notBefore = Math.max(request.retryAt, Date.now() + pause * (1 + Math.random() / 5));
      return;
    }
    request.failures = 0;
    if (error.code === "slow_down") request.interval += slower;
    // A nonce that changed between question and repetition is no answer: the next poll has the new one.
    if (["authorization_pending", "slow_down", "use_dpop_nonce", "wrong_clock"].includes(error.code)) {
      request.notBefore = Date.now() + request.interval;
      return;
    }
    delete phone.request;
    if (error.code === "invalid_client") delete phone.client; // the next request needs a new one
    phone.ended = { access_denied: "declined", expired_token: "expired" }[error.code] ?? "failed";
  }

  // listen keeps a stream open as long as this window is the one that waits.
  async function listen(ended) {
    for (let failures = 0; !ended.aborted;) {
      const { client, request } = await keep.read();
      if (!client || !request || status.decided === request.deviceCode) {
        await listener.sleep(5_000); // the poll is under way
        continue;
      }
      try {
        await hear(client, request, ended);
        failures = 0;
      } catch (error) {
        failures = error instanceof Refused ? 16 : Math.min(failures + 1, 16);
      }
      if (ended.aborted) return;
      set({ open: false });
      asker.wake();
      if (!status.decided) await listener.sleep(Math.min(rest, 1000 * 2 ** failures) * (1 + Math.random() / 2));
    }
  }

  // hear reads one stream to its end.
  async function hear(client, request, ended) {
    const stalled = new AbortController(), decoder = new TextDecoder();
    let timer, text = "";
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => stalled.abort(), silence); };
    alive();
    try {
      const reader = await server.events(client, request, AbortSignal.any([ended, stalled.signal]));
      set({ open: true });
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        alive();
        text = (text + decoder.decode(part.value, { stream: true })).slice(-200);
        if (text.includes("event: decided\n")) {
          set({ decided: request.deviceCode });
          asker.wake();
          return;
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  function wake() {
    asker.wake();
    listener.wake();
  }

  // start begins to wait whenever there is something to wait for, for the page's life.
  function start(onChange) {
    changed = onChange;
    keep.heard(() => asker.wake());
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, wake);
    document.addEventListener("visibilitychange", wake);
    ask();
  }

  return { start, status };
})();
