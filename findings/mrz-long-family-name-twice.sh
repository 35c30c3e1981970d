#!/usr/bin/env bash
# npm mrz 5.0.2 gives a family name that fills its line as the given name too, and calls the result valid.
#
# Expected: a primary identifier that leaves no room is cut off at the end of the name field, and there is no secondary
#           identifier (ICAO Doc 9303-3 §4.6): lastName is what is there, firstName is empty or absent, as it is for a
#           person with one short name.
# Seen:     valid is true, no detail is wrong, and firstName is lastName once more. One `<` at the end is enough for it; from
#           two on, firstName is empty. A program that compares or stores given names has a false one.
# Source:   npm package mrz 5.0.2; ICAO Doc 9303 parts 3, 4 and 5.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit mrz@5.0.2 || { echo "could not install mrz@5.0.2" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { parse } from "mrz";
const names = ["PAPANDROPOULOU", "PAPANDROPOULOUPAPADIAMANTOPOU", "PAPANDROPOULOUPAPADIAMANTOPOUL"];
for (const name of names) {
  const { valid, fields } = parse(["I<GRCD231458907<<<<<<<<<<<<<<<", "7408122F1204159GRC<<<<<<<<<<<6", name.padEnd(30, "<")]);
  console.log(`${name.length} letters: valid=${valid} family=${fields.lastName} given=${fields.firstName}`);
}
JS
cat >expected <<'TXT'
14 letters: valid=true family=PAPANDROPOULOU given=
29 letters: valid=true family=PAPANDROPOULOUPAPADIAMANTOPOU given=PAPANDROPOULOUPAPADIAMANTOPOU
30 letters: valid=true family=PAPANDROPOULOUPAPADIAMANTOPOUL given=PAPANDROPOULOUPAPADIAMANTOPOUL
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: mrz 5.0.2 repeats a family name that fills its line as the given name."
