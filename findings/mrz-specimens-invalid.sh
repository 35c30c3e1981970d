#!/usr/bin/env bash
# npm mrz 5.0.2 calls the specimens of ICAO Doc 9303 invalid.
#
# Expected: the specimens printed in ICAO Doc 9303 parts 4 and 5 (issuing State UTO, "Utopia", reserved there for
#           specimens) parse as valid, since each check digit is right.
# Seen:     every check digit verifies, but `valid` is false: UTO is in no list of the package's. So is the whole result,
#           for a reader that looks at `valid` alone, and no test card of a scanner vendor passes.
# Source:   npm package mrz 5.0.2; ICAO Doc 9303 part 3 (codes for nationality: UTO), parts 4 and 5 (the specimens).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit mrz@5.0.2 || { echo "could not install mrz@5.0.2" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { parse } from "mrz";
const specimens = {
  TD1: ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
  TD3: ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
};
for (const [name, lines] of Object.entries(specimens)) {
  const { valid, details } = parse(lines);
  const wrong = details.filter((d) => !d.valid).map((d) => d.field);
  console.log(`${name} valid=${valid} wrong=${wrong.join(",")}`);
}
JS
cat >expected <<'TXT'
TD1 valid=false wrong=issuingState,nationality
TD3 valid=false wrong=issuingState,nationality
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: mrz 5.0.2 refuses ICAO's own specimens."
