"use strict";

// Waits for the counter's decision: a stream says when there is one, polls fetch it (RFC 8628
// §3.4, 3.5). One window of the page does it for all. It goes on past the deadline of
// the code, since an approval opens a second window that the phone cannot see.
const waiting = (() => {
  const rest = 5 * 60_000; // between two polls while the stream would tell
  const longest = 150_000; // of a back-off, before its jitter: a lost answer is given again for 10 minutes only
  const slower = 5_000; // for each slow_down
  const silence = 40_000; // the stream's heart beats every 15 s
  const asleep = 20_000; // with no beat for so long, a phone that wakes up doubts its stream
  const grace = 4_000; // for a new stream to open, before a poll asks in its place
  const endings = new Map([["access_denied", "declined"], ["expired_token", "expired"], ["invalid_grant", "failed"]]);
  const lock = "countersign-phone-waiting";

  const asker = sleeper(), listener = sleeper();
  const status = { elsewhere: false, open: false, openedAt: 0, decided: "", wrongClock: false, notKept: false };
  let changed = () => {};
  let openUntil = 0; // by performance.now(): the stream of a window that begins to wait may still open
  let line = navigator.connection?.type; // "wifi" or "cellular", in browsers that say so
  let current = { beatAt: 0, cut() {} }; // the stream that is read; cut opens another one at once
  let received; // {deviceCode, tokens}: an answer until it is kept, since there is no other

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
  const wanted = phone => phone.client && phone.request && (isReceived(phone.request) || navigator.onLine &&
    (document.visibilityState === "visible" || phone.request.failures > 0));

  const isReceived = request => received?.deviceCode === request.deviceCode;

  // due is when the next poll may be sent. What a clock that was wrong has left behind does not count.
  // A server that is heard again after a failure is asked at the interval, but not before its
  // own Retry-After.
  function due(request) {
    const { deviceCode, interval, notBefore, polledAt, failures, retryAt = 0 } = request, now = Date.now();
    if (isReceived(request)) return now;
    const opening = openUntil - performance.now(); // a poll now would keep the one after the decision waiting
    if (opening > 0) return now + opening;
    if (polledAt > now || notBefore - now > Math.max(interval, 2 * longest)) return now;
    const atPace = Math.max(retryAt, polledAt + interval);
    if (status.decided === deviceCode) return atPace;
    if (status.open && failures > 0) return status.openedAt >= polledAt ? Math.min(notBefore, atPace) : notBefore;
    return status.open ? Math.max(notBefore, polledAt + Math.max(rest, interval)) : notBefore;
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
    openUntil = performance.now() + grace;
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
    let edit = redeemed;
    try {
      if (!isReceived(request)) received = { deviceCode: request.deviceCode, tokens: await server.poll(client, request) };
    } catch (error) {
      edit = phone => unredeemed(phone, error);
      set({ wrongClock: error.code === "wrong_clock" });
    }
    set({ decided: "" });
    try {
      await keep.change(phone => phone.request?.deviceCode === request.deviceCode ? edit(phone) : false);
    } catch (error) {
      set({ notKept: true });
      throw error;
    }
    received = undefined;
    set({ notKept: false });
  }

  function redeemed(phone) {
    phone.tokens = received.tokens;
    phone.connectedAt = Date.now();
    for (const member of ["request", "ended", "reason", "refused"]) delete phone[member];
  }

  // unredeemed notes what an answer without tokens means. Only what the token endpoint alone says
  // (RFC 6749 §5.2, RFC 8628 §3.5) ends the request, which cost a visit: a gateway's
  // refusal, a failing key or a proof that got lost are no answer, and it is asked again.
  function unredeemed(phone, error) {
    const request = phone.request, code = error instanceof Refused ? error.code : "";
    request.polledAt = Date.now();
    // A nonce that changed between question and repetition is no answer: the next poll has the new one.
    const pending = ["authorization_pending", "slow_down", "use_dpop_nonce", "wrong_clock"].includes(code);
    const ended = error.status === 400 ? endings.get(code) : undefined;
    if (pending || ended) delete phone.refused;
    if (pending) {
      request.failures = 0;
      if (code === "slow_down") request.interval += slower;
      request.notBefore = Date.now() + request.interval;
    } else if (ended) {
      delete phone.request;
      phone.ended = ended;
      phone.reason = ended === "declined" ? error.reason : undefined;
    } else if (code === "invalid_client" && keep.forgotten(phone)) {
      delete phone.request;
      delete phone.client; // the next request needs a new one
      phone.ended = "failed";
    } else {
      backOff(request, error.retryAfter ?? 0);
    }
  }

  function backOff(request, retryAfter) {
    request.failures++;
    const pause = Math.max(request.interval, Math.min(request.interval * 2 ** Math.min(request.failures, 16), longest));
    request.retryAt = Date.now() + Math.min(retryAfter, 2 * longest);
    request.notBefore = Math.max(request.retryAt, Date.now() + pause * (1 + Math.random() / 5));
  }

  // listen keeps a stream open as long as this window is the one that waits.
  async function listen(ended) {
    for (let failures = 0, notBefore = 0; !ended.aborted;) {
      const early = notBefore - performance.now(); // no matter what wakes it
      if (early > 0) {
        await listener.sleep(early);
        continue;
      }
      const { client, request } = await keep.read();
      if (!client || !request || status.decided === request.deviceCode) {
        await listener.sleep(5_000); // the poll is under way
        continue;
      }
      let doubted = false;
      try {
        doubted = await hear(client, request, ended);
        failures = 0;
      } catch (error) {
        failures = error instanceof Refused ? 16 : Math.min(failures + 1, 16);
        notBefore = performance.now() + Math.min(error.retryAfter ?? 0, 2 * longest);
      }
      if (ended.aborted) return;
      if (doubted) continue;
      openUntil = 0;
      set({ open: false });
      asker.wake();
      if (!status.decided) await listener.sleep(Math.min(rest, 1000 * 2 ** failures) * (1 + Math.random() / 2));
    }
  }

  // hear reads one stream to its end. It returns true when the stream was open and is doubted.
  async function hear(client, request, ended) {
    if (ended.aborted) return false;
    const stream = new AbortController(), decoder = new TextDecoder();
    let timer, text = "", doubted = false;
    const end = () => stream.abort();
    const own = { beatAt: Date.now(), cut() { if (status.open) { doubted = true; end(); } } };
    const alive = () => { own.beatAt = Date.now(); clearTimeout(timer); timer = setTimeout(end, silence); };
    ended.addEventListener("abort", end);
    current = own;
    alive();
    try {
      const reader = await server.events(client, request, stream.signal);
      openUntil = 0;
      set({ open: true, openedAt: Date.now() });
      asker.wake(); // the server is there again
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        alive();
        text = (text + decoder.decode(part.value, { stream: true })).slice(-200);
        if (text.includes("event: decided\n")) {
          set({ decided: request.deviceCode });
          asker.wake();
          return false;
        }
      }
    } catch (error) {
      if (!doubted) throw error;
    } finally {
      clearTimeout(timer);
      ended.removeEventListener("abort", end);
    }
    return doubted;
  }

  // wake looks again at everything. A phone that slept, or that went from one network to
  // another, has a stream that looks open and is dead.
  function wake(event) {
    const moved = event.type === "online" || line !== (line = navigator.connection?.type);
    if (moved || Date.now() - current.beatAt > asleep) current.cut();
    asker.wake();
    listener.wake();
  }

  // start begins to wait whenever there is something to wait for, for the page's life.
  function start(onChange) {
    changed = onChange;
    keep.heard(() => asker.wake());
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, wake);
    document.addEventListener("visibilitychange", wake);
    navigator.connection?.addEventListener?.("change", wake);
    ask();
  }

  return { start, status };
})();
