// What a key types for a scanner: as the computer's keyboard layout has it, and by its place
// on a US keyboard, to which most scanners are set. Nothing here touches a page or a clock.
//
// A key is { key, code, altKey, ctrlKey, metaKey, shiftKey, capsLock, altGraph }, as of a
// KeyboardEvent.

// lost stands for a character that cannot be known: half of a dead key, say.
export const lost = "\ufffd";

// readKey says what a key gives to a scan: { text, place, code, hides, pad }, null when it
// gives nothing. hides is "Dead" or "Process" when the layout keeps the character back; pad
// says that it is a digit of the number pad while Num Lock is off.
export function readKey(key, settings, within) {
  const modified = key.altKey || key.ctrlKey || key.metaKey;
  const place = placeOf(key);
  const hides = !modified && /^(Dead|Process|Unidentified)$/.test(key.key) ? key.key : "";
  if (hides && place === undefined) return null;
  const pad = modified ? undefined : numberPad[key.code];
  if (pad !== undefined && key.key.length > 1) return { text: pad, place: pad, code: key.code, pad: true };
  const text = hides ? lost : characterOf(key, within) || !modified && place !== undefined && ligature(key.key);
  if (!text) return null;
  if (place === undefined || modified || key.altGraph) return { text, place: text, code: key.code };
  if (settings.layout === "us") return { text: place, place, code: key.code };
  return { text, place, code: key.code, hides };
}

// ligature is what one key of an Arabic keyboard types: two letters.
function ligature(text) { return /^\p{L}{2}$/u.test(text) ? text : ""; }

// characterOf is what a key types, "" when nothing. A scanner sends a control character as
// Ctrl and a key. Line feed, RS and GS are always taken; others only within a burst, and the
// keys to copy, cut, paste, select all and undo never.
export function characterOf(key, within) {
  if (key.altKey && key.ctrlKey && key.key.length === 1) return key.key; // AltGr
  if (key.altKey || key.metaKey) return "";
  if (key.ctrlKey) return controlOf(key, within);
  if (key.key === "Enter") return "\r";
  if (key.key === "Tab") return "\t";
  return [...key.key].length === 1 ? key.key : "";
}

const always = { j: "\n", "^": "\x1e", "]": "\x1d" };
const inBurst = { Digit6: "\x1e", BracketRight: "\x1d", Backslash: "\x1c", Minus: "\x1f" };

// controlOf goes by the place where the layout has no Latin letters.
function controlOf(key, within) {
  const latin = /^[\x21-\x7e]$/.test(key.key);
  const letter = latin ? key.key.toLowerCase() : /^Key[A-Z]$/.test(key.code) ? key.code[3].toLowerCase() : "";
  if (always[letter]) return always[letter];
  if (!within || letter && "acvxz".includes(letter)) return "";
  if (/^[a-z]$/.test(letter)) return String.fromCharCode(letter.charCodeAt(0) - 96);
  return inBurst[key.code] ?? "";
}

// placeOf is what the key types on a US keyboard, undefined when that has no such key.
function placeOf(key) {
  const place = usKeyboard[key.code];
  if (!place) return undefined;
  const shifted = Boolean(key.shiftKey) !== Boolean(key.capsLock && /[a-z]/.test(place));
  return place[shifted ? 1 : 0];
}

const usKeyboard = { Space: "  ", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
  Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?" };
for (const letter of "abcdefghijklmnopqrstuvwxyz") usKeyboard["Key" + letter.toUpperCase()] = letter + letter.toUpperCase();
[..."0123456789"].forEach((digit, i) => { usKeyboard["Digit" + digit] = digit + ")!@#$%^&*("[i]; });

const numberPad = { NumpadDecimal: "." };
for (const digit of "0123456789") numberPad["Numpad" + digit] = digit;

// typed is what the keys typed, as far as that can be known. A layout with dead keys (US
// International) shows an apostrophe only together with the next letter, and to a page
// neither, or one letter with an accent: what the scanner meant is told by the places.
export function typed(keys) {
  const us = isUS(keys);
  let text = "";
  for (let i = 0; i < keys.length; i++) {
    if (!keys[i].hides) {
      text += keys[i].text;
    } else if (keys[i].hides !== "Dead" && !accents[keys[i].place]) {
      text += us && /[\da-z ]/i.test(keys[i].place) ? keys[i].place : lost;
    } else {
      text += withAccent(keys[i], keys[++i], us);
    }
  }
  return text;
}

// isUS: the letters and signs that are seen stand where a US keyboard has them.
function isUS(keys) {
  const seen = keys.filter(key => !key.hides && /^[!-~]$/.test(key.place) && !key.pad);
  const plain = seen.filter((key, i) => !accented(key.text) || !keys[keys.indexOf(key) - 1]?.hides);
  return plain.length > 0 && plain.every(key => key.text === key.place);
}

// accents are the dead keys of US International, with the mark that each puts on a letter.
const accents = { "'": "\u0301", '"': "\u0308", "`": "\u0300", "~": "\u0303", "^": "\u0302" };

const accented = text => /^\p{L}$/u.test(text) && text.normalize("NFD").length > 1;

// withAccent is a dead key and the key after it, if there is one.
function withAccent(dead, next, us) {
  const known = us && accents[dead.place] !== undefined;
  const sign = known ? dead.place : lost;
  if (!next) return sign;
  if (next.code === "Space") return known ? sign : next.text === " " || next.hides ? lost : next.text; // a dead key and Space are the sign
  if (next.hides) return known ? sign + next.place : lost + lost;
  if (!accented(next.text)) return sign + next.text;
  const mark = next.text.normalize("NFD").slice(1);
  const cedilla = dead.place === "'" && mark === "\u0327";
  return known && (mark === accents[dead.place] || cedilla) ? sign + next.place : next.text;
}
