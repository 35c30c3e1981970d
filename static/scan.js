// What a scan is, and how it is read. Nothing here touches a page or a clock, so that
// scan.test.mjs can hold it to the rules. keys.js says what a key types, kinds.js what the
// whole is, diagnosis.js what the scanner did to it.

import { typed } from "./keys.js";

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

// holdOf is how long Space and Enter wait for a key that tells that they begin a scan: a gap
// and a margin for a computer that is busy. At the usual settings a hand does not feel it.
export function holdOf(settings) { return settings.gap + 75; }

// Burst collects characters that come without a pause, and says whether they come faster
// than any hand. Speed only decides where they go; it is evidence of nothing.
export class Burst {
  keys = [];
  text = "";
  times = [];
  #scan = false;

  constructor(settings) { this.settings = settings; }

  // over: a pause has ended what was collected before this time.
  over(time) { return this.times.length > 0 && time - this.times.at(-1) > this.settings.silence; }

  // add takes a key as readKey gives it, or a character.
  add(key, time) {
    this.keys.push(typeof key === "string" ? { text: key, place: key } : key);
    this.text += this.keys.at(-1).text;
    this.times.push(time);
    this.#scan ||= this.fast && this.text.replace(/[\r\n\t]+$/, "").length >= least;
  }

  get gaps() { return this.times.slice(1).map((time, i) => time - this.times[i]); }
  get fast() { return this.times.length > 1 && median(this.gaps) <= this.settings.gap; }
  get isScan() { return this.#scan; }
  get hides() { return this.keys.some(key => key.hides); }

  // within: a key at this time comes right after the last one. No hand is so quick.
  within(time, gap = this.settings.gap) { return this.times.length > 0 && time - this.times.at(-1) <= gap; }

  // hasEnter: an Enter at this time is the scanner's. A licence has one within its head, after
  // "@" alone when the scanner drops line feeds: no hand is so quick.
  hasEnter(time) {
    if (this.isScan) return true;
    if (this.text.length >= 3) return this.fast;
    return this.text !== "" && [...this.gaps, time - this.times.at(-1)].every(gap => gap <= this.settings.gap);
  }

  // read takes off the one ending that the scanner adds, and its prefix and suffix. What
  // stands before the ending is the barcode's own: a licence ends with a carriage return.
  // places is the text as a US keyboard would have typed it.
  read() {
    const ending = /(\r\n?|\t)?$/.exec(this.text)[0];
    return {
      text: this.#bare(typed(this.keys), ending), places: this.#bare(this.keys.map(key => key.place).join(""), ending),
      ending: { "\r": "enter", "\t": "tab" }[ending[0]] ?? "none", gap: median(this.gaps),
      dead: this.hides, pad: this.keys.some(key => key.pad),
    };
  }

  #bare(text, ending) {
    const { prefix, suffix } = this.settings;
    text = text.slice(0, text.length - ending.length);
    if (prefix && text.startsWith(prefix)) text = text.slice(prefix.length);
    if (suffix && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
    return text;
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : 0;
}
