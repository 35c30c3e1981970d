#!/usr/bin/env bash
# npm onscan.js 1.5.2 loses the hyphens, fillers and blanks of a scan, and turns a line feed into the letter "j".
#
# Expected: a script for keyboard-wedge scanners reports what the scanner typed: the user code with its hyphen, the "<" of a
#           machine-readable zone, the "/" of an address. A control character, which a scanner types as Ctrl with a letter,
#           is that character, or it is left out.
# Seen:     only keys with the codes 48 to 90 and of the numeric keypad count, so punctuation and blanks vanish, with no error.
#           Ctrl is not looked at: LF, typed as Ctrl+J, becomes "j" amid the data.
# Source:   npm package onscan.js 1.5.2 with its defaults. The events have the key codes of a US keyboard, as listed in the
#           W3C's UI Events (fixed virtual key codes). They are dispatched on an EventTarget of Node's, as a browser does.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit onscan.js@1.5.2 || { echo "could not install onscan.js@1.5.2" >&2; exit 2; }
cat >seen.mjs <<'JS'
import onScan from "onscan.js";

const punctuation = { " ": 32, ":": 186, ",": 188, "<": 188, "-": 189, ".": 190, "/": 191 };

const keydown = (key, keyCode, modifiers = {}) =>
  Object.assign(new Event("keydown", { cancelable: true }), { key, keyCode, which: keyCode, shiftKey: false, ctrlKey: false, ...modifiers });

// keys returns what a wedge scanner sends for text on a US keyboard: one event a character, then Enter.
function keys(text) {
  const events = [...text].map((c) => {
    if (c === "\n") return keydown("j", 74, { ctrlKey: true });
    return keydown(c, punctuation[c] ?? c.charCodeAt(0), { shiftKey: /[A-Z<:]/.test(c) });
  });
  return [...events, keydown("Enter", 13)];
}

function scan(text) {
  const page = new EventTarget();
  let read = "nothing";
  onScan.attachTo(page, { onScan: (code) => { read = code; } });
  for (const event of keys(text)) page.dispatchEvent(event);
  console.log(`${JSON.stringify(text)} is read as ${JSON.stringify(read)}`);
}

scan("T64235789");
scan("BCDF-GHJK");
scan("LINDQVIST<<ANNA<MARIA");
scan("HTTPS://AS.EXAMPLE/DEVICE");
scan("DCSVAN BERG\nDACANNA");
JS
cat >expected <<'TXT'
"T64235789" is read as "T64235789"
"BCDF-GHJK" is read as "BCDFGHJK"
"LINDQVIST<<ANNA<MARIA" is read as "LINDQVISTANNAMARIA"
"HTTPS://AS.EXAMPLE/DEVICE" is read as "HTTPSASEXAMPLEDEVICE"
"DCSVAN BERG\nDACANNA" is read as "DCSVANBERGjDACANNA"
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: onscan.js 1.5.2 keeps letters and digits only, and reads LF as j."
