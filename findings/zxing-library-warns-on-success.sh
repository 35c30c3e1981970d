#!/usr/bin/env bash
# npm @zxing/library 0.23.0 warns, with a stack trace, of every format that a barcode is not, although it reads the barcode.
#
# Expected: a reader for many formats tries one after the other and reports the one that fits. "Not this format" is part of
#           the work, and in the Java original NotFoundException is a ReaderException, which is passed over.
# Seen:     here the classes are not related, so each format tried before PDF417 goes to console.warn as unexpected. A page
#           that decodes the frames of a camera fills its log with them, unless it asks for the one format.
# Source:   npm packages @zxing/library 0.23.0 (reader), bwip-js 4.11.4 (writer of the PDF417), pngjs 7.0.0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit @zxing/library@0.23.0 bwip-js@4.11.4 pngjs@7.0.0 ||
  { echo "could not install @zxing/library@0.23.0" >&2; exit 2; }
cat >seen.cjs <<'JS'
const zxing = require("@zxing/library");
const bwipjs = require("bwip-js");
const { PNG } = require("pngjs");

const warnings = [];
console.warn = (_, error) => warnings.push(error.constructor.kind);

async function main() {
  const file = await bwipjs.toBuffer({ bcid: "pdf417", text: "LINDQVIST ANNA", scale: 3, padding: 10, backgroundcolor: "FFFFFF" });
  const image = PNG.sync.read(file);
  const grey = Uint8ClampedArray.from({ length: image.width * image.height }, (_, i) => image.data[4 * i]);
  const source = new zxing.RGBLuminanceSource(grey, image.width, image.height);
  const formats = { "all formats": [], "PDF_417 alone": [[zxing.DecodeHintType.POSSIBLE_FORMATS, [zxing.BarcodeFormat.PDF_417]]] };
  for (const [name, hints] of Object.entries(formats)) {
    warnings.length = 0;
    const reader = new zxing.MultiFormatReader();
    reader.setHints(new Map(hints));
    const text = reader.decodeWithState(new zxing.BinaryBitmap(new zxing.HybridBinarizer(source))).getText();
    console.log([`${name}: read ${text}`, `${warnings.length} warnings`, ...new Set(warnings)].join(", "));
  }
  console.log(`NotFoundException is a ReaderException: ${new zxing.NotFoundException() instanceof zxing.ReaderException}`);
}
main();
JS
cat >expected <<'TXT'
all formats: read LINDQVIST ANNA, 5 warnings, NotFoundException, FormatException
PDF_417 alone: read LINDQVIST ANNA, 0 warnings
NotFoundException is a ReaderException: false
TXT
node seen.cjs | tee seen
diff expected seen && echo "As described: @zxing/library 0.23.0 warns of each format that a readable barcode is not."
