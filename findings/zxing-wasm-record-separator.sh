#!/usr/bin/env bash
# npm zxing-wasm 3.1.6 writes the line breaks of a driving licence as "<LF>" as soon as the barcode holds one RS.
#
# Expected: `text` holds the characters of the barcode, and a control character is one character. The licences of the AAMVA
#           DL/ID Card Design Standard begin with "@", LF, RS, CR and put LF between their elements.
# Seen:     without RS the LFs are LFs. With RS, as in each licence, each LF is the four characters "<LF>", so a parser that
#           splits lines finds one line. The default mode is for human readers; textMode "Plain" and `bytes` keep them.
# Source:   npm packages zxing-wasm 3.1.6 (reader) and bwip-js 4.11.4 (writer of the PDF417); AAMVA DL/ID Card Design Standard.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit zxing-wasm@3.1.6 bwip-js@4.11.4 || { echo "could not install zxing-wasm@3.1.6" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { readFileSync } from "node:fs";
import bwipjs from "bwip-js";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const wasm = readFileSync("node_modules/zxing-wasm/dist/reader/zxing_reader.wasm");
prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) } });

const elements = "DAQT64235789\nDCSLINDQVIST\n";
const texts = { "without RS": `@\n${elements}`, "with RS": `@\n\x1e\r${elements}` };
for (const [name, text] of Object.entries(texts)) {
  const image = new Blob([await bwipjs.toBuffer({ bcid: "pdf417", text, scale: 3, padding: 10, backgroundcolor: "FFFFFF" })]);
  for (const options of [{}, { textMode: "Plain" }]) {
    const [read] = await readBarcodes(image, options);
    console.log(`${name}, ${options.textMode ?? "default"}: ${JSON.stringify(read.text)}, ${read.text.split("\n").length} lines`);
  }
}
JS
cat >expected <<'TXT'
without RS, default: "@\nDAQT64235789\nDCSLINDQVIST\n", 4 lines
without RS, Plain: "@\nDAQT64235789\nDCSLINDQVIST\n", 4 lines
with RS, default: "@<LF><RS><CR>DAQT64235789<LF>DCSLINDQVIST<LF>", 1 lines
with RS, Plain: "@\n\u001e\rDAQT64235789\nDCSLINDQVIST\n", 4 lines
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: one RS turns every LF that zxing-wasm 3.1.6 reads into <LF>."
