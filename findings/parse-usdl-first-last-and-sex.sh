#!/usr/bin/env bash
# npm parse-usdl 3.2.0 loses the first and the last element of a driving licence, and reads "not specified" as female.
#
# Expected: each element of the subfile DL comes back (AAMVA DL/ID Card Design Standard 2020, annex D: elements are three
#           letters and a value, separated by line feeds, in any order; the first follows the subfile's name; a carriage
#           return ends the subfile). DBC has 1, 2 and 9, where 9 is "not specified".
# Seen:     the first element comes back only where it is the licence's number, DAQ; a family name that comes first is lost. The
#           last one is always lost. Every DBC but 1 is "F".
# Source:   npm package parse-usdl 3.2.0; AAMVA DL/ID Card Design Standard 2020, annex D.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit parse-usdl@3.2.0 || { echo "could not install parse-usdl@3.2.0" >&2; exit 2; }
cat >seen.cjs <<'JS'
const { parse } = require("parse-usdl");
const elements = ["DAQT64235789", "DCSSAMPLE", "DACJANE", "DBB11181986", "DBA01312034", "DBC9", "DAYBRO"];
const licence = (list) => "@\n\x1e\rANSI 636000100001DL00310069DL" + list.join("\n") + "\r";
const family = [elements[1], elements[0], ...elements.slice(2)];
for (const [name, list] of [["number first", elements], ["family name first", family]]) {
  const { documentNumber, lastName, sex, eyeColor } = parse(licence(list));
  console.log(`${name}: number ${documentNumber}, family name ${lastName}, sex ${sex}, eyes ${eyeColor}`);
}
JS
cat >expected <<'TXT'
number first: number T64235789, family name SAMPLE, sex F, eyes undefined
family name first: number T64235789, family name undefined, sex F, eyes undefined
TXT
node seen.cjs | tee seen
diff expected seen && echo "As described: parse-usdl 3.2.0 loses the first and the last element, and reads 9 as F."
