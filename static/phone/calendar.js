"use strict";

// The deadline as an entry for the phone's own calendar (RFC 5545), which reminds with no
// network and with this page closed. It is made here, and holds neither code nor account:
// calendars are shared, and kept elsewhere.
const calendar = (() => {
  const { settings } = server;
  const { texts } = settings;
  let linked = 0; // the deadline that the link has

  const utc = time => new Date(time).toISOString().replace(/[-:]|\.\d+/g, ""); // §3.3.5, form 2
  const escaped = text => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n"); // §3.3.11

  // folded breaks a line after 75 octets, and within no character (§3.1).
  function folded(line) {
    let whole = "", octets = 0;
    for (const character of line) {
      const size = new TextEncoder().encode(character).length;
      if (octets + size > 75) [whole, octets] = [whole + "\r\n ", 1];
      [whole, octets] = [whole + character, octets + size];
    }
    return whole + "\r\n";
  }

  const alarm = before => ["BEGIN:VALARM", "ACTION:DISPLAY", `DESCRIPTION:${escaped(texts.calendarTitle)}`, `TRIGGER:-${before}`, "END:VALARM"];

  // An event with no length is shown as one of an hour by some calendars, and a zero length is broken by others. So it lies
  // before the deadline, and ends there.
  const length = 30 * 60_000;

  // entry is one event up to the deadline, with alarms two days and one day before it. At a place it ends when the place closes
  // for the last time before the deadline: {where, from, to}.
  function entry(expiresAt, now, place) {
    const end = place?.to ?? expiresAt, start = Math.max(place?.from ?? 0, end - length);
    const page = settings.issuer + settings.page;
    return [
      "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Countersign//Countersign//EN", "BEGIN:VEVENT",
      `UID:${end}${place ? `-${hash(place.where)}` : ""}@${new URL(settings.issuer).host}`, `DTSTAMP:${utc(now)}`, `DTSTART:${utc(start)}`, `DTEND:${utc(end)}`, ...(place ? [`LOCATION:${escaped(place.where)}`] : []), "TRANSP:TRANSPARENT",
      `SUMMARY:${escaped(texts.calendarTitle)}`, `DESCRIPTION:${escaped(texts.calendarText.replace("{address}", page))}`,
      ...alarm("P2D"), ...alarm("P1D"), "END:VEVENT", "END:VCALENDAR",
    ].map(folded).join("");
  }

  // hash tells places apart in a UID, which holds no name.
  const hash = text => [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) >>> 0, 0).toString(36);

  // at lets the link of a place hold the entry with the place in it.
  function at(place, last, request) {
    const what = `${last.to} ${request.expiresAt}`;
    if (place.linked === what) return;
    place.linked = what;
    URL.revokeObjectURL(place.link.href);
    const text = entry(request.expiresAt, Date.now(), { where: place.where, ...last });
    place.link.href = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  }

  // link lets a link hold the entry of a request, which a tap hands to the calendar.
  function link(element, request) {
    if (!request || request.expiresAt === linked) return;
    linked = request.expiresAt;
    URL.revokeObjectURL(element.href);
    element.href = URL.createObjectURL(new Blob([entry(linked, Date.now())], { type: "text/calendar;charset=utf-8" }));
  }

  return { entry, link, at };
})();
