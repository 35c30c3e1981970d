// How the phone's page counts days, run by phone_test.go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const page = vm.createContext({ Intl });
vm.runInContext(readFileSync("phone/days.js", "utf8"), page);
const days = vm.runInContext("days", page);

const at = text => Date.parse(text);
const fixed = minutes => [{ minutes, then: minutes }];
// Berlin's clock goes back at 01:00 UTC on 25 October 2026, and forward at 01:00 UTC on 28 March 2027.
const autumn = [{ minutes: 120, until: at("2026-10-25T01:00Z"), then: 60 }];
const spring = [{ minutes: 60, until: at("2027-03-28T01:00Z"), then: 120 }];

for (const [what, now, time, clocks, want] of [
  ["a week, a minute later", "2026-11-27T15:11Z", "2026-12-04T15:10Z", fixed(60), "in 7 days"],
  ["a week, next morning", "2026-11-28T08:00Z", "2026-12-04T15:10Z", fixed(60), "in 6 days"],
  ["just before midnight at the counter", "2026-11-28T22:59:59Z", "2026-12-04T15:10Z", fixed(60), "in 6 days"],
  ["midnight at the counter", "2026-11-28T23:00Z", "2026-12-04T15:10Z", fixed(60), "in 5 days"],
  ["the deadline is just after midnight", "2026-12-02T10:00Z", "2026-12-03T23:01Z", fixed(60), "in 2 days"],
  ["the deadline is just before midnight", "2026-12-02T10:00Z", "2026-12-03T22:59Z", fixed(60), "tomorrow"],
  ["47 hours are two days", "2026-12-02T16:10Z", "2026-12-04T15:10Z", fixed(60), "in 2 days"],
  ["tomorrow", "2026-12-03T06:00Z", "2026-12-04T15:10Z", fixed(60), "tomorrow"],
  ["today", "2026-12-04T06:00Z", "2026-12-04T15:10Z", fixed(60), "today"],
  ["six hours", "2026-12-04T09:10Z", "2026-12-04T15:10Z", fixed(60), "today"],
  ["less than six hours", "2026-12-04T09:10:01Z", "2026-12-04T15:10Z", fixed(60), "in 5 hours"],
  ["over midnight, and near", "2026-12-04T22:30Z", "2026-12-04T23:10Z", fixed(60), "in 40 minutes"],
  ["nothing", "2026-12-04T15:10Z", "2026-12-04T15:10Z", fixed(60), "in 0 minutes"],
  ["the day of 25 hours", "2026-10-24T22:30Z", "2026-10-25T22:45Z", autumn, "today"],
  ["after the day of 25 hours", "2026-10-24T22:30Z", "2026-10-25T23:00Z", autumn, "tomorrow"],
  ["the day of 23 hours", "2027-03-27T23:00Z", "2027-03-28T21:59Z", spring, "today"],
  ["after the day of 23 hours", "2027-03-27T23:00Z", "2027-03-28T22:00Z", spring, "tomorrow"],
  ["two counters: the one with fewer days", "2026-12-02T12:00Z", "2026-12-04T01:00Z", [...fixed(60), ...fixed(-300)], "tomorrow"],
]) {
  test(what, () => assert.equal(days.until(at(now), at(time), clocks, "en-GB"), want));
}

test("in German", () => {
  assert.equal(days.until(at("2026-11-29T15:00Z"), at("2026-12-04T15:10Z"), fixed(60), "de"), "in 5 Tagen");
  assert.equal(days.until(at("2026-12-02T15:00Z"), at("2026-12-03T15:10Z"), fixed(60), "de"), "morgen");
});

test("a pause is told by its length, over midnight too", () => {
  assert.equal(days.length(3 * 3_600_000 - 1, "en-GB"), "in 2 hours");
  assert.equal(days.length(90_000, "en-GB"), "in 1 minute");
});
