// The calendar's entry of the deadline, run by phone_test.go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

// entry is what the page makes of its texts.
function entry(calendarTitle, calendarText) {
  const page = vm.createContext({
    server: { settings: { issuer: "https://id.example.org", page: "/phone", texts: { calendarTitle, calendarText } } }, URL, TextEncoder,
  });
  vm.runInContext(readFileSync("phone/calendar.js", "utf8"), page);
  return vm.runInContext("calendar", page).entry(Date.UTC(2026, 4, 11, 9), Date.UTC(2026, 4, 4, 9));
}

const unfolded = text => text.replaceAll("\r\n ", "").split("\r\n");

test("RFC 5545 §3.6.1: one event that ends at the deadline, and has a length, with two alarms before it", () => {
  const lines = unfolded(entry("Go", "Open {address}"));
  for (const line of ["BEGIN:VCALENDAR", "VERSION:2.0", "UID:1778490000000@id.example.org", "DTSTAMP:20260504T090000Z", "DTSTART:20260511T083000Z", "DTEND:20260511T090000Z",
    "SUMMARY:Go", "DESCRIPTION:Open https://id.example.org/phone", "TRIGGER:-P2D", "TRIGGER:-P1D", "END:VCALENDAR"]) {
    assert.ok(lines.includes(line), line);
  }
  assert.equal(lines.filter(line => line === "BEGIN:VALARM").length, 2);
  assert.equal(lines.at(-1), "", "the last line ends too");
});

test("§3.3.11: what separates is escaped", () => {
  assert.ok(unfolded(entry("a, b; c\\d\ne", "")).includes("SUMMARY:a\\, b\\; c\\\\d\\ne"));
});

test("§3.1: no line is longer than 75 octets, and no character is broken", () => {
  const long = "Schalter, überall – ".repeat(20);
  const text = entry(long, long);
  for (const line of text.split("\r\n")) assert.ok(new TextEncoder().encode(line).length <= 75, line);
  assert.ok(unfolded(text).includes("SUMMARY:" + long.replaceAll(",", "\\,")));
  assert.ok(!text.includes("\ufffd"));
});
