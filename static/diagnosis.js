// What the scanner test says about a scan of one of its samples. Nothing here touches a page.

import { lost } from "./keys.js";
import { least } from "./scan.js";

// visible writes control characters by their names, which every font has.
export function visible(text) {
  const names = { "\t": "TAB", "\n": "LF", "\r": "CR", "\x1c": "FS", "\x1d": "GS", "\x1e": "RS", "\x1f": "US" };
  return text.replace(/[\x00-\x1f\x7f]/g, c => `‹${names[c] ?? c.charCodeAt(0)}›`);
}

// diagnose names what the test page should say about a scan of one of its samples
// (letters, signs, document), by name.
export function diagnose({ text, places, ending, gap, dead, pad }, samples, settings) {
  const found = [gap <= settings.gap ? "fast" : "slow", "ending-" + ending];
  if (pad) found.push("number-pad");
  if (dead) found.push("dead-keys");
  const bare = s => s.replace(/[\x00-\x1f]/g, "");
  const same = sample => bare(text).toLowerCase() === bare(sample).toLowerCase();
  const name = Object.keys(samples).find(name => same(samples[name]));
  if (name) {
    found.push("read-" + name);
    if (bare(text) !== bare(samples[name])) found.push("caps");
    if (name === "document") {
      found.push(breaks(text) * 2 > breaks(samples[name]) ? "breaks-kept" : "breaks-dropped");
      found.push(text.includes("\x1e") ? "separators-kept" : "separators-dropped");
    }
    return found;
  }
  if (text.includes(lost)) found.push("lost");
  const byPlaces = bare(places ?? text);
  if (Object.values(samples).some(s => byPlaces !== bare(text) && byPlaces.toLowerCase() === bare(s).toLowerCase())) found.push("places");
  const texts = Object.values(samples).map(bare);
  found.push(...mangled(bare(text).toLowerCase(), texts.map(s => s.toLowerCase())));
  if (texts.some(s => flipped(bare(text), s))) found.push("caps"); // and another layout as well
  return found;
}

// flipped: all letters that are the sample's are of the other case.
function flipped(text, sample) {
  const same = [...text].map((c, i) => [c, sample[i] ?? ""]).filter(([c, s]) => /[a-z]/i.test(c) && c.toLowerCase() === s.toLowerCase());
  return same.length >= least && same.every(([c, s]) => c !== s);
}

const breaks = text => text.match(/[\n\r]+/g)?.length ?? 0;

function mangled(text, samples) {
  if (samples.some(s => swap(s, "yz") === text)) return ["layout-qwertz"];
  if (samples.some(s => swap(swap(s, "aq"), "zw").replaceAll("m", text[samples[0].indexOf("m")]) === text)) return ["layout-azerty"];
  if (samples.some(s => text.length >= least && s.startsWith(text))) return ["cut"];
  if (samples.some(s => alphanumeric(s) === alphanumeric(text))) return ["layout-signs"];
  if (samples.some(s => alphanumeric(swap(s, "yz")) === alphanumeric(text))) return ["layout-qwertz"];
  return ["unknown"];
}

const alphanumeric = s => s.replace(/[^a-z0-9]/g, "");
const swap = (s, [a, b]) => [...s].map(c => c === a ? b : c === b ? a : c).join("");
