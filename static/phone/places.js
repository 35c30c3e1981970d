"use strict";

// When the counters are open, as far as the page knows it: now, next, and for the last time before the deadline. The page is
// kept for days without a network, so that it is reckoned when it is read.
const places = (() => {
  const { texts } = server.settings;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const all = [...document.querySelectorAll("[data-open]")].map(element => ({
    element, where: element.dataset.where, spans: JSON.parse(element.dataset.open),
    now: element.querySelector("[data-now]"), last: element.querySelector("[data-last]"), link: element.querySelector("a"),
  }));

  // lastBefore is the last moment before a deadline at which a place is open, and since when; undefined when it does not open.
  function lastBefore(spans, deadline, now) {
    const [from, to] = spans.findLast(([from, to]) => from < deadline && to > now) ?? [];
    return from === undefined ? undefined : { from, to: Math.min(to, deadline) };
  }

  const next = (spans, now) => spans.find(([, to]) => to > now);

  function set(element, text) {
    if (element.textContent !== text) element.textContent = text;
    element.hidden = text === "";
  }

  // tick says what holds now. moment words a time. It returns the last chance of all, where the hours of every counter are
  // known: {to, where}.
  function tick(now, request, moment) {
    let best;
    for (const place of all) {
      const opening = next(place.spans, now), open = opening !== undefined && opening[0] <= now;
      set(place.now, open ? fill(texts.openNow, { date: moment(opening[1]) }) : opening ? fill(texts.opens, { date: moment(opening[0]) }) : "");
      place.now.classList.toggle("tag-good", open);
      const last = request && lastBefore(place.spans, request.expiresAt, now);
      set(place.last, !request ? "" : last ? fill(texts.lastChance, { date: moment(last.to) }) : texts.noChance);
      place.link.hidden = !last;
      if (last) calendar.at(place, last, request);
      if (last && (!best || last.to > best.to)) best = { to: last.to, where: place.where };
    }
    return all.length > 0 && all.length === document.querySelectorAll(".places > li").length ? best : undefined;
  }

  return { tick, lastBefore };
})();
