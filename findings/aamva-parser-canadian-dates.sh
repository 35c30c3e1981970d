#!/usr/bin/env bash
# npm aamva-parser 1.7.0 reads a Canadian licence's birth date as a day in the seventh century.
#
# Expected: 19860611 is 11 June 1986. The AAMVA DL/ID Card Design Standard writes dates as MMDDCCYY in the United States
#           and as CCYYMMDD in Canada (element DBB); the package's page names "US and Canadian driver's licenses".
# Seen:     the country is found (countryCode CAN), but the digits are cut as MMDDCCYY and rolled over: a year below 1000,
#           and every Canadian licence is "expired". Nothing is thrown.
# Source:   npm package aamva-parser 1.7.0. The npm package aamvajs 0.1.1, given the same text, reads both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit aamva-parser@1.7.0 aamvajs@0.1.1 || { echo "could not install" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { parse } from "aamva-parser";
import AAMVA from "aamvajs";

const licence = (iin, elements) => {
  const subfile = "DL" + Object.entries(elements).map(([id, value]) => id + value).join("\n") + "\r";
  const head = `@\n\x1e\rANSI ${iin}090001`;
  const offset = String(head.length + 10).padStart(4, "0");
  return `${head}DL${offset}${String(subfile.length).padStart(4, "0")}${subfile}`;
};
const person = { DAQ: "T64235789", DCS: "LINDQVIST", DAC: "ANNA", DAD: "MARIA" };
const american = licence("636000", { ...person, DBB: "06111986", DBA: "06112099", DCG: "USA" });
const canadian = licence("636012", { ...person, DBB: "19860611", DBA: "20990611", DCG: "CAN" });

const seen = (name, text) => {
  const l = parse(text);
  console.log(`aamva-parser ${name} ${l.countryCode} birth year ${l.dateOfBirth.getUTCFullYear()} expired=${l.expired}`);
  console.log(`aamvajs ${name} born ${AAMVA.raw(text).data.dateOfBirth}`);
};
seen("american", american);
seen("canadian", canadian);
JS
cat >expected <<'TXT'
aamva-parser american USA birth year 1986 expired=false
aamvajs american born 1986-06-11
aamva-parser canadian CAN birth year 612 expired=true
aamvajs canadian born 1986-06-11
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: aamva-parser 1.7.0 misreads the dates of Canadian licences."
