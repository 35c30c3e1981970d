"use strict";

// Shows the record and the state of waiting. All texts come with the page.
const show = (() => {
  const { settings } = server;
  const { texts } = settings;
  const language = settings.language === "en" ? "en-GB" : settings.language; // the day before the month, as the page writes it
  const renewal = 30_000; // of the square (docs/presence-proof.md)
  const soon = 2 * 86_400_000; // before the deadline
  let proposed; // what was typed, until it is asked for or changed
  let state = "script", phone = {}, drawnAt = 0, drawnFor = "", drawing = false;

  const placesOf = name => document.querySelectorAll(`[data-place="${name}"]`);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // say puts a text in its place, and touches nothing that says it already: what has not
  // changed is not read out again.
  function say(name, text) {
    for (const place of placesOf(name)) {
      if (place.textContent !== text) place.textContent = text;
      place.hidden = text === "";
    }
  }

  const moment = (time, zone = { timeZoneName: "short" }) => new Intl.DateTimeFormat(language, {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", ...zone,
  }).format(time);

  // deadline tells a moment, and by the counters' clocks too where they are others than this device's. Those clocks come from
  // the server: this device may know of a change too late.
  function deadline(time) {
    const here = -new Date(time).getTimezoneOffset();
    const there = new Set((settings.clocks ?? []).map(clock => time < (clock.until ?? Infinity) ? clock.minutes : clock.then));
    there.delete(here);
    if (there.size === 0) return moment(time);
    const by = minutes => `${moment(time + minutes * 60_000, { timeZone: "UTC" })} ${offset(minutes)}`;
    return fill(texts.abroad, { date: by(here), there: [...there].map(by).join(", ") });
  }

  function offset(minutes) {
    const [hours, rest] = [Math.abs(minutes) / 60, Math.abs(minutes) % 60];
    return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(hours)}${rest ? ":" + String(rest).padStart(2, "0") : ""}`;
  }

  // until says how long there is by the counters' clocks, or by this device's where no counter is listed.
  function until(time) {
    const here = -new Date(time).getTimezoneOffset();
    const clocks = settings.clocks?.length ? settings.clocks : [{ minutes: here, then: here }];
    return days.until(Date.now(), time, clocks, language);
  }

  // A request whose time is over may have been approved before that: the server knows.
  const stateOf = phone => phone.request ? (Date.now() < phone.request.expiresAt ? "waiting" : "over")
    : phone.ended ?? (phone.tokens ? "connected" : proposed ? "confirm" : "start");

  function enter(next) {
    if (next === state) return;
    const first = state === "script";
    state = next;
    for (const section of document.querySelectorAll("[data-state]")) section.hidden = section.dataset.state !== next;
    document.body.dataset.showing = next;
    counter.shows(next === "waiting");
    if (first) return;
    scrollTo(0, 0);
    document.querySelector(`[data-state="${next}"] h2`).focus({ preventScroll: true });
  }

  function record(now) {
    const before = stateOf(phone);
    phone = now;
    if (phone.request) proposed = undefined;
    enter(stateOf(phone));
    say("account", phone.account ?? "");
    say("name", phone.name || "–");
    say("connectedAt", phone.connectedAt ? fill(texts.connectedAt, { date: moment(phone.connectedAt) }) : "");
    calendar.link(document.getElementById("phone-calendar"), phone.request);
    say("declined", texts[`declined_${phone.reason}`] ?? texts.declined);
    say("instead", texts[`instead_${phone.reason}`] ?? texts.instead);
    say("news", ["waiting", "over"].includes(before) && state === "connected" ? texts.connected : "");
    for (const field of document.querySelectorAll("[data-only=unregistered]")) field.hidden = Boolean(phone.client);
    for (const place of placesOf("scopes")) place.replaceChildren(...(phone.tokens?.scope ?? "").split(" ").filter(Boolean).map(item));
    tick();
  }

  function item(scope) {
    const element = document.createElement("li");
    element.append(settings.scopes[scope] ?? scope);
    return element;
  }

  // tick keeps what changes with time: deadline, square, and what the network does.
  function tick() {
    document.body.classList.toggle("offline", !navigator.onLine);
    if (!phone.request) return;
    enter(stateOf(phone));
    const { expiresAt, userCode } = phone.request, left = expiresAt - Date.now();
    const date = deadline(expiresAt), when = until(expiresAt);
    say("code", userCode);
    say("deadline", fill(texts.deadline, { date, when }));
    const chance = places.tick(Date.now(), phone.request, deadline);
    say("chance", chance && chance.to < expiresAt ? fill(texts.lastOfAll, { date: deadline(chance.to), where: chance.where }) : "");
    say("over", fill(texts.over, { date }));
    say("soon", left <= soon ? fill(texts.soon, { when }) : "");
    say("network", network());
    if (state === "waiting" && document.visibilityState === "visible") draw();
  }

  function network() {
    const { status } = waiting, { deviceCode, failures } = phone.request;
    if (!navigator.onLine) return state === "over" ? texts.overOffline : texts.offline;
    if (status.wrongClock) return texts.refusedClock;
    if (status.notKept) return texts.notKept;
    if (state === "over") return failures > 0 ? texts.overUnreachable : texts.overAsking;
    if (status.decided === deviceCode) return texts.decided;
    if (failures > 0) return texts.unreachable;
    if (status.elsewhere) return texts.otherTab;
    return status.open ? texts.listening : texts.asking;
  }

  async function draw() {
    const { client, request } = phone, age = Date.now() - drawnAt;
    if (drawing || !client || drawnFor === request.userCode && age >= 0 && age < renewal) return;
    drawing = true;
    const now = Date.now();
    try {
      const drawn = square(await keys.presence(client, settings.issuer, request.userCode), texts.square);
      for (const place of placesOf("square")) place.replaceChildren(drawn.cloneNode(true));
      [drawnAt, drawnFor] = [now, request.userCode];
    } catch { // an old square would be refused, or be another request's: rather none, until the next tick
      for (const place of placesOf("square")) place.replaceChildren();
      drawnFor = "";
    } finally {
      drawing = false;
    }
  }

  // problem tells what went wrong with something that the person did; "" takes it away.
  // retryAt is when it may work again.
  function problem(name, field, retryAt) {
    say("problem", fill(texts[name] ?? "", { when: retryAt && days.length(retryAt + 59_999 - Date.now(), language) }));
    for (const input of document.querySelectorAll("[aria-invalid]")) {
      for (const attribute of ["aria-invalid", "aria-errormessage"]) input.removeAttribute(attribute);
    }
    field?.setAttribute("aria-invalid", "true");
    field?.setAttribute("aria-errormessage", "phone-problem");
    field?.focus();
  }

  // propose shows what was typed before it is sent; nothing takes it away again.
  function propose(typed) {
    proposed = typed;
    say("asksFor", typed?.account ?? "");
    say("asksName", typed?.name ?? "");
    for (const place of placesOf("asksName")) place.closest("p").hidden = !typed?.name;
    enter(stateOf(phone));
  }

  // unable says that nothing can be done here.
  function unable(name) {
    if (name) say("unable", fill(texts[name], { address: settings.issuer + settings.page }));
    enter("unable");
  }

  // sample tells the answer of the sample API, or that there was none.
  function sample(answer) {
    say("sample", answer ? fill(texts.answered, { date: moment(Date.now()) }) : texts.notAnswered);
    say("subject", answer?.account ?? "–");
  }

  const news = name => say("news", texts[name] ?? "");

  return { record, propose, tick, problem, unable, sample, news, state: () => state };
})();
