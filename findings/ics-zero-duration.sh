#!/usr/bin/env bash
# npm ics 3.12.0 writes a duration of zero as "DURATION:PT", which no calendar may hold.
#
# Expected: a deadline as an event with the duration { minutes: 0 } is written DURATION:PT0M or PT0S. RFC 5545 §3.3.6 wants
#           a number and its unit after "PT".
# Seen:     "DURATION:PT" and no error. npm ical.js 2.2.1 cannot tell when such an event ends.
# Source:   npm packages ics 3.12.0 (writer) and ical.js 2.2.1 (reader); RFC 5545 §3.3.6.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit ics@3.12.0 ical.js@2.2.1 || { echo "could not install ics@3.12.0" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { createEvent } from "ics";
import ICAL from "ical.js";

function end(calendar) {
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(calendar)).getFirstSubcomponent("vevent"));
  try {
    return event.endDate.toString();
  } catch (error) {
    return error.message;
  }
}

for (const minutes of [15, 0]) {
  const deadline = { title: "The code expires", start: [2026, 3, 1, 10, 0], startInputType: "utc", duration: { minutes } };
  const { error, value } = createEvent(deadline);
  console.log(`${minutes} minutes: error ${error}, ${value.match(/^DURATION.*$/m)[0].trim()}, read as ending: ${end(value)}`);
}
JS
cat >expected <<'TXT'
15 minutes: error null, DURATION:PT15M, read as ending: 2026-03-01T10:15:00Z
0 minutes: error null, DURATION:PT, read as ending: invalid duration value: Not enough duration components in ""
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: ics 3.12.0 writes DURATION:PT for no time."
