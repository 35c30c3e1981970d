#!/usr/bin/env bash
# Debian khal 0.10.5 gives a deadline in a calendar file two lengths, an hour and a day, and it has none.
#
# Expected: an event with DTSTART as a date with time, and neither DTEND nor DURATION, ends when it starts: RFC 5545 §3.6.1.
#           So a calendar entry "the code expires at 10:00" is a moment.
# Seen:     `khal list` on a calendar shows it until 11:00, `khal printics` on the same file until 10:00 of the next day.
# Source:   Debian package khal 1:0.10.5-1.1; RFC 5545 §3.6.1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v khal >/dev/null || apt-get install -y -qq --no-install-recommends khal=1:0.10.5-1.1 >log 2>&1 ||
  { cat log >&2; echo "could not install khal 1:0.10.5-1.1 (apt-get update first?)" >&2; exit 2; }
khal --version | grep -qw 0.10.5 || { echo "another khal is installed" >&2; exit 2; }
export HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_CACHE_HOME=$work LC_ALL=C.UTF-8
mkdir calendar
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 'PRODID:-//Example//Deadline//EN' BEGIN:VEVENT UID:deadline@example.org \
  DTSTAMP:20260201T080000Z DTSTART:20260301T100000Z 'SUMMARY:The code expires' END:VEVENT END:VCALENDAR >calendar/deadline.ics
cat >config <<TXT
[calendars]
[[deadlines]]
path = $work/calendar
[sqlite]
path = $work/khal.db
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
TXT
form='{start-long-full} to {end-long-full}: {title}'
cat >expected <<'TXT'
list: 2026-03-01 10:00 to 2026-03-01 11:00: The code expires
printics: 2026-03-01 10:00 to 2026-03-02 10:00: The code expires
TXT
{
  khal --config config list --day-format '' --format "list: $form" 2026-03-01 1d
  khal --config config printics --format "printics: $form" calendar/deadline.ics
} 2>/dev/null | grep ' to ' | tee seen
diff expected seen && echo "As described: khal 0.10.5 makes an hour, or a day, of a moment."
