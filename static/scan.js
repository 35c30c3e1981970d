// What a scan is, and how it is read. Nothing here touches a page or a clock, so that
// scan.test.mjs can hold it to the rules.

// defaults: times in milliseconds; layout "us" reads keys by their place on a US keyboard.
export const defaults = { gap: 35, silence: 120, prefix: "", suffix: "", layout: "" };

// storedAs names what the browser keeps of these (localStorage).
export const storedAs = "countersign.scanner";

// parseSettings reads what was kept; what makes no sense becomes the default.
export function parseSettings(text) {
  let kept = null;
  try { kept = JSON.parse(text); } catch { /* not ours */ }
  const settings = { ...defaults };
  for (const name of ["prefix", "suffix", "layout"]) if (typeof kept?.[name] === "string") settings[name] = kept[name].slice(0, 20);
  if (kept?.gap >= 10 && kept.gap <= 200) settings.gap = Number(kept.gap);
  if (kept?.silence >= 50 && kept.silence <= 2000) settings.silence = Number(kept.silence);
  return settings;
}

// least is how many characters a scan has at the least.
export const least = 6;

// Burst collects characters that come without a pause, and says whether they come faster
// than any hand. Speed only decides where they go; it is evidence of nothing.
export class Burst {
  text = "";
  times = [];
  #scan = false;

  constructor(settings) { this.settings = settings; }

  // over: a pause has ended what was collected before this time.
  over(time) { return this.times.length > 0 && time - this.times.at(-1) > this.settings.silence; }

  add(character, time) {
    this.text += character;
    this.times.push(time);
    this.#scan ||= this.fast && this.text.replace(/[\r\n\t]+$/, "").length >= least;
  }

  get gaps() { return this.times.slice(1).map((time, i) => time - this.times[i]); }
  get fast() { return this.times.length > 1 && median(this.gaps) <= this.settings.gap; }
  get isScan() { return this.#scan; }

  // hasEnter: an Enter at this time is the scanner's. A licence has one within its head, after
  // "@" alone when the scanner drops line feeds: no hand is so quick.
  hasEnter(time) {
    if (this.isScan) return true;
    if (this.text.length >= 3) return this.fast;
    return this.text !== "" && [...this.gaps, time - this.times.at(-1)].every(gap => gap <= this.settings.gap);
  }

  // read takes off the one ending that the scanner adds, and its prefix and suffix. What
  // stands before the ending is the barcode's own: a licence ends with a carriage return.
  read() {
    const ending = /(\r\n?|\t)?$/.exec(this.text)[0];
    let text = this.text.slice(0, this.text.length - ending.length);
    const { prefix, suffix } = this.settings;
    if (prefix && text.startsWith(prefix)) text = text.slice(prefix.length);
    if (suffix && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
    return { text, ending: { "\r": "enter", "\t": "tab" }[ending[0]] ?? "none", gap: median(this.gaps) };
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : 0;
}

// characterOf is what a key types for a scanner, "" when nothing. A scanner sends a
// control character as Ctrl and a key. Line feed, RS and GS are always taken; others only
// within a burst, and the keys to copy, cut, paste, select all and undo never.
export function characterOf(key, settings, within) {
  if (key.altKey && key.ctrlKey && key.key.length === 1) return key.key; // AltGr
  if (key.altKey || key.metaKey) return "";
  if (key.ctrlKey) return controlOf(key, within);
  if (key.key === "Enter") return "\r";
  if (key.key === "Tab") return "\t";
  if (key.key.length !== 1) return "";
  const place = settings.layout === "us" ? usKeyboard[key.code] : undefined;
  if (!place) return key.key;
  const shifted = Boolean(key.shiftKey) !== Boolean(key.capsLock && /[a-z]/.test(place));
  return place[shifted ? 1 : 0];
}

const always = { j: "\n", "^": "\x1e", "]": "\x1d" };
const inBurst = { Digit6: "\x1e", BracketRight: "\x1d", Backslash: "\x1c", Minus: "\x1f" };

function controlOf(key, within) {
  const letter = key.key.toLowerCase();
  if (always[letter]) return always[letter];
  if (!within || "acvxz".includes(letter)) return "";
  if (/^[a-z]$/.test(letter)) return String.fromCharCode(letter.charCodeAt(0) - 96);
  return inBurst[key.code] ?? "";
}

const usKeyboard = { Space: "  ", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
  Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?" };
for (const letter of "abcdefghijklmnopqrstuvwxyz") usKeyboard["Key" + letter.toUpperCase()] = letter + letter.toUpperCase();
[..."0123456789"].forEach((digit, i) => { usKeyboard["Digit" + digit] = digit + ")!@#$%^&*("[i]; });

// classify says what was scanned: "presence" (docs/presence-proof.md), "document" (ICAO
// 9303 or AAMVA), "code", or "identifier" for everything else.
export function classify(text) {
  const bare = text.replace(/[\x00-\x20]/g, "");
  if (/<</.test(bare) || licenceHead.test(bare) || isOtherZone(bare)) return "document"; // first: somebody lives at Rue des Prés 12
  if (/PRES1/i.test(bare)) return "presence";
  if (codeIn(text) || /^[a-z]{4}[^a-z]?[a-z]{4}$/i.test(bare)) return "code";
  return "identifier";
}

// licenceHead: what stands before the file type may be lost or of another layout.
const licenceHead = /^[^a-z]{0,8}(\][a-z]\d)?[^a-z]{0,4}(ansi|aamva)\d{8}/i;

// isOtherZone knows a zone of ICAO 9303 by its size, with another sign for < (another layout).
function isOtherZone(bare) {
  return [72, 88, 90].includes(bare.length) && /^[a-z][^@]*$/i.test(bare) && /([^a-z0-9])\1{3}/i.test(bare);
}

// wantedBy lists the targets that take each kind of scan, best first.
export const wantedBy = {
  presence: ["code", "identifier"], code: ["code", "identifier"], document: ["document"], identifier: ["identifier", "document"],
};

// repair mends what another layout or Caps Lock did, as far as the target allows.
export function repair(target, text) {
  const kind = classify(text);
  if (kind === "presence") return text.replace(/[\x00-\x20]/g, "").toUpperCase();
  if (target === "code") return (codeIn(text) || text).replace(/[^a-z]/gi, "").toUpperCase();
  if (target === "document") return ownReturns(/ansi\s*\d{6}|aamva\s*\d{6}/.test(text) || /[a-z]<</.test(text) ? flipCase(text) : text);
  return text.trim();
}

// ownReturns writes carriage returns so that a text area keeps them: the last one tells that
// a licence is whole.
function ownReturns(text) { return text.replace(/\r(?!\n)/g, "␍"); }

// codeIn is the code that an address carries, "" when it carries none.
function codeIn(text) {
  const query = /^\s*https?:\/\/[^?#]*\?([^#]*)/i.exec(text);
  return query ? new URLSearchParams(query[1]).get("user_code") ?? "" : "";
}

function flipCase(text) {
  return [...text].map(c => c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()).join("");
}

// visible writes control characters by their names, which every font has.
export function visible(text) {
  const names = { "\t": "TAB", "\n": "LF", "\r": "CR", "\x1c": "FS", "\x1d": "GS", "\x1e": "RS", "\x1f": "US" };
  return text.replace(/[\x00-\x1f\x7f]/g, c => `‹${names[c] ?? c.charCodeAt(0)}›`);
}

// diagnose names what the test page should say about a scan of one of its samples
// (letters, signs, document), by name.
export function diagnose({ text, ending, gap }, samples, settings) {
  const found = [gap <= settings.gap ? "fast" : "slow", "ending-" + ending];
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
