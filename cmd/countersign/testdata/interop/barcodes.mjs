// Draws the samples of static/barcodes.go and reads their pictures, both by libraries
// that nobody here wrote: "write FOLDER" and "read FOLDER", with [{Name, Text}] on stdin.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import bwipjs from "bwip-js";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const symbologies = {
  letters: { bcid: "code128", wide: 2, high: 80 },
  signs: { bcid: "qrcode", eclevel: "M", wide: 5, high: 5 },
  document: { bcid: "pdf417", columns: 10, eclevel: 4, wide: 2, high: 2 },
};
const quiet = 8; // modules around

const [, , what, folder] = process.argv;
const samples = JSON.parse(readFileSync(0, "utf8"));
const fileOf = name => `${folder}/${name}.svg`;

if (what === "write") {
  for (const { Name, Text } of samples) writeFileSync(fileOf(Name), draw(Text, symbologies[Name]));
} else {
  const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer } });
  const read = [];
  for (const { Name } of samples) {
    const found = await readBarcodes(paint(readFileSync(fileOf(Name), "utf8")), { textMode: "Plain" });
    read.push({ Name, Text: found[0]?.text ?? "" });
  }
  console.log(JSON.stringify(read));
}

// draw: black on white in light and dark, one rectangle for each run of black modules.
function draw(text, { wide, high, ...options }) {
  const rows = matrix(bwipjs.raw({ ...options, text })[0]);
  let path = "";
  for (let y = 0, next; y < rows.length; y = next) {
    for (next = y + 1; next < rows.length && rows[next] === rows[y];) next++;
    for (const { 0: run, index } of rows[y].matchAll(/1+/g)) {
      path += `M${(index + quiet) * wide} ${y * high + quiet * wide}h${run.length * wide}v${(next - y) * high}h-${run.length * wide}z`;
    }
  }
  const w = (rows[0].length + 2 * quiet) * wide, h = rows.length * high + 2 * quiet * wide;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" shape-rendering="crispEdges">`
    + `<path fill="#fff" d="M0 0h${w}v${h}H0z"/><path d="${path}"/></svg>\n`;
}

function matrix({ pixs, pixx, sbs }) {
  if (!pixs) return [sbs.map((width, i) => (i % 2 ? "0" : "1").repeat(width)).join("")];
  const rows = [];
  for (let i = 0; i < pixs.length; i += pixx) rows.push(pixs.slice(i, i + pixx).join(""));
  return rows;
}

// paint makes an image of such a picture.
function paint(svg) {
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg).map(Number);
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const image = { data, width, height };
  for (const [, x, y, w, h] of svg.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-/g)) {
    for (let row = +y; row < +y + +h; row++) {
      for (let column = +x; column < +x + +w; column++) data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
    }
  }
  return image;
}
