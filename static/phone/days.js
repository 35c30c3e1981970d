"use strict";

// How long there is until a moment, as people count: in days of the calendar, by the clocks of the counters, and not in times
// of 24 hours. Between two counters the one that counts fewer days is told, so that nobody comes too late.
const days = (() => {
  const minute = 60_000, hour = 60 * minute, day = 24 * hour;
  const near = 6 * hour; // so close hours and minutes are told, cut off

  // dayAt numbers the day of a moment by a counter's clock ({minutes, until, then}, of the page's settings).
  const dayAt = (time, clock) => Math.floor((time + (time < (clock.until ?? Infinity) ? clock.minutes : clock.then) * minute) / day);

  const between = (now, time, clocks) => Math.max(0, Math.min(...clocks.map(clock => dayAt(time, clock) - dayAt(now, clock))));

  // length says a length of time, cut off.
  function length(milliseconds, language) {
    const words = new Intl.RelativeTimeFormat(language), minutes = Math.max(0, Math.floor(milliseconds / minute));
    return minutes >= 120 ? words.format(Math.floor(minutes / 60), "hour") : words.format(minutes, "minute");
  }

  // until says how long there is: "today", "tomorrow", "in 5 days".
  function until(now, time, clocks, language) {
    if (time - now < near) return length(time - now, language);
    return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(between(now, time, clocks), "day");
  }

  return { until, length };
})();
