#!/usr/bin/env bash
# npm mrz-fast 1.0.9 writes, and takes for valid, machine-readable zones with characters that no zone may have.
#
# Expected: createMRZ transliterates names (ICAO Doc 9303 part 3: Ü is UE or UXX, an apostrophe is left out, a hyphen is a
#           filler), keeps a part of the given name when the family name is long (part 4), and parseMRZ
#           refuses what is not A–Z, 0–9 or "<" (part 3).
# Seen:     the letters come through as they are, the given name of a long name is gone, and parseMRZ says valid=true to each.
#           A reader in an OCR-B alphabet cannot print or read such a zone.
# Source:   npm package mrz-fast 1.0.9; ICAO Doc 9303 parts 3 (characters, transliteration) and 4 (truncation of names).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit mrz-fast@1.0.9 || { echo "could not install mrz-fast@1.0.9" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { createMRZ, parseMRZ } from "mrz-fast";
const passport = {
  documentCode: "P", issuingState: "UTO", nationality: "UTO", documentNumber: "L898902C3", sex: "female",
  birthDate: { year: 1974, month: 8, day: 12 }, expirationDate: { year: 2032, month: 4, day: 15 },
};
const names = [
  ["MÜLLER", "ANNA"], ["O'NEILL", "ANNA"], ["LINDQVIST-BERG", "ANNA"],
  ["PAPADOPOULOS KONSTANTINIDES VAN DER BERG", "ANNA"],
];
for (const [lastName, firstName] of names) {
  const lines = createMRZ({ ...passport, lastName, firstName });
  const read = parseMRZ(lines);
  console.log(`${lines[0]} valid=${read.valid} given="${read.fields.firstName}"`);
}
JS
cat >expected <<'TXT'
P<UTOMÜLLER<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<<< valid=true given="ANNA"
P<UTOO'NEILL<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<< valid=true given="ANNA"
P<UTOLINDQVIST-BERG<<ANNA<<<<<<<<<<<<<<<<<<< valid=true given="ANNA"
P<UTOPAPADOPOULOS<KONSTANTINIDES<VAN<DER<BER valid=true given=""
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: mrz-fast 1.0.9 writes and accepts what no machine-readable zone may hold."
