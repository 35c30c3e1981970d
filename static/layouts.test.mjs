// A scanner that is set to a US keyboard, at computers with other layouts: what keys.js and
// kinds.js make of it. Run by script_test.go.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { characterOf, lost, readKey } from "./keys.js";
import { understand } from "./kinds.js";
import { Burst, defaults } from "./scan.js";

const codes = ["Backquote", ...[..."1234567890"].map(d => "Digit" + d), "Minus", "Equal", ...[..."QWERTYUIOP"].map(l => "Key" + l), "BracketLeft", "BracketRight",
  ...[..."ASDFGHJKL"].map(l => "Key" + l), "Semicolon", "Quote", "Backslash", ...[..."ZXCVBNM"].map(l => "Key" + l), "Comma", "Period", "Slash"];

// What the keys of codes type, without Shift and with it. † is a dead key.
const layouts = {
  us: ["`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./", '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?'],
  usInternational: ["†1234567890-=qwertyuiop[]asdfghjkl;†\\zxcvbnm,./", "†!@#$%†&*()_+QWERTYUIOP{}ASDFGHJKL:†|ZXCVBNM<>?"],
  french: ["²&é\"'(-è_çà)=azertyuiop†$qsdfghjklmù*wxcvbn,;:!", " 1234567890°+AZERTYUIOP†£QSDFGHJKLM%µWXCVBN?./§"],
  belgian: ["²&é\"'(§è!çà)-azertyuiop†$qsdfghjklmùµwxcvbn,;:=", "³1234567890°_AZERTYUIOP†*QSDFGHJKLM%£WXCVBN?./+"],
  german: ["†1234567890ß†qwertzuiopü+asdfghjklöä#yxcvbnm,.-", "°!\"§$%&/()=?†QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_"],
  swiss: ["§1234567890'†qwertzuiopè†asdfghjkléà$yxcvbnm,.-", "°+\"*ç%&/()=?†QWERTZUIOPü!ASDFGHJKLöä£YXCVBNM;:_"],
  czech: [";+ěščřžýáíé=†qwertzuiopú)asdfghjklů§†yxcvbnm,.-", "†1234567890%†QWERTZUIOP/(ASDFGHJKL\"!'YXCVBNM?:_"],
  turkish: ["\"1234567890*-qwertyuıopğüasdfghjklşi,zxcvbnmöç.", "é!†#$%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİ;ZXCVBNMÖÇ:"],
  greek: ["`1234567890-=;ςερτυθιοπ[]ασδφγηξκλ†'\\ζχψωβνμ,./", "~!@#$%^&*()_+:†ΕΡΤΥΘΙΟΠ{}ΑΣΔΦΓΗΞΚΛ†\"|ΖΧΨΩΒΝΜ<>?"],
  russian: ["ё1234567890-=йцукенгшщзхъфывапролджэ\\ячсмитьбю.", 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭ/ЯЧСМИТЬБЮ,'],
  bulgarian: ["`1234567890-.,уеишщксдзц;ьяаожгтнвмч(юйъэфхпрлб", "~!?+\"%=:/–№$€ыУЕИШЩКСДЗЦ§ЬЯАОЖГТНВМЧ)ЮЙЪЭФХПРЛБ"],
  dvorak: ["`1234567890[]',.pyfgcrl/=aoeuidhtns-\\;qjkxbmwvz", "~!@#$%^&*(){}\"<>PYFGCRL?+AOEUIDHTNS_|:QJKXBMWVZ"],
};

// keysOf gives the keys by which a US scanner types a text under a layout.
function keysOf(text, layout, more = {}) {
  return [...text].map(character => {
    const control = { "\n": "KeyJ", "\x1e": "Digit6", "\x1d": "BracketRight" }[character];
    if (character === " ") return { key: " ", code: "Space" };
    if (character === "\r") return { key: "Enter", code: "Enter" };
    const shiftKey = !control && layouts.us[1].includes(character);
    const place = control ? codes.indexOf(control) : layouts.us[shiftKey ? 1 : 0].indexOf(character);
    let key = [...layouts[layout][shiftKey ? 1 : 0]][place].replace("†", "Dead");
    if (more.capsLock && key.length === 1 && /\p{L}/u.test(key)) key = key === key.toUpperCase() ? key.toLowerCase() : key.toUpperCase();
    return { key, code: codes[place], shiftKey, ctrlKey: control !== undefined, ...more };
  });
}

function scanned(keys, settings = defaults) {
  const burst = new Burst(settings);
  keys.forEach((key, i) => {
    const read = readKey(key, settings, burst.isScan || burst.fast);
    if (read) burst.add(read, i * 8);
  });
  return burst.read();
}

const jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6InByZXNlbmNlK2p3dCJ9.eyJpc3MiOiJ6eXl6eiIsInVzZXJfY29kZSI6IldESkJNSkhUIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ";
const bits = [...Buffer.concat([Buffer.from(jwt), createHash("sha256").update(jwt).digest().subarray(0, 4)])].map(b => b.toString(2).padStart(8, "0")).join("");
const proof = "PRES1" + bits.match(/.{1,5}/g).map(five => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five.padEnd(5, "0"), 2)]).join("");
const licence = "@\n\x1e\rANSI 636999100001DL00310320DLDAQT00000042\nDCSO'NEILL-ZYLA\nDAYGRN\r";
const zone = "P<UTOZYLA<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\rL898902C36UTO8403098F3105319<<<<<<<<<<<<<<00\r";

test("a presence square, a licence, a passport and a code are read by places under any layout", () => {
  assert.match(proof, /[YZ]/);
  for (const layout of Object.keys(layouts)) {
    for (const capsLock of [false, true]) {
      for (const [text, kind] of [[proof, "presence"], [licence, "document"], [zone, "document"], ["XFDKRXHT", "code"]]) {
        if (layout === "dvorak" && text !== proof && text !== zone) continue; // other letters of a code, other Ctrl keys
        const got = understand(scanned(keysOf(text, layout, { capsLock })));
        const where = `${layout}${capsLock ? ", Caps Lock" : ""}: ${text.slice(0, 20)}`;
        assert.equal(got.kind, kind, where);
        assert.equal(got.text.toUpperCase(), text.replace(/\r$/, "").toUpperCase(), where);
      }
    }
  }
});

test("a scanner that is set to the computer's layout is read as it types", () => {
  const plain = text => [...text].map((key, i) => ({ key, code: codes[i % codes.length] }));
  for (const text of [proof, zone.replaceAll("\r", "\n"), "@ANSI 636999100001DLDCSRENÉ", "WDJBMJHT", "anna@example.org", "Müller-7"]) {
    assert.equal(understand(scanned(plain(text))).text, text);
  }
  assert.equal(understand(scanned([..."anna", "@"].map(key => key === "@" ? { key, code: "KeyQ", altKey: true, ctrlKey: true } : { key, code: "Key" + key.toUpperCase() }))).text, "anna@");
});

const dead = (code, shiftKey) => ({ key: "Dead", code, shiftKey });
const process = (code, shiftKey) => ({ key: "Process", code, shiftKey });
const letters = (text, layout = "us") => keysOf(text, layout);

test("a layout with dead keys loses no apostrophe, or says that it lost something", () => {
  const cases = {
    "the letter is seen": [[...letters("O"), dead("Quote"), ...letters("NEILL")], "O'NEILL"],
    "sign and letter are hidden": [[...letters("O"), process("Quote"), process("KeyN", true), ...letters("EILL")], "O'NEILL"],
    "the letter is hidden": [[...letters("O"), dead("Quote"), process("KeyN", true), ...letters("EILL")], "O'NEILL"],
    "the letter has an accent": [[...letters("D"), dead("Quote"), { key: "É", code: "KeyE", shiftKey: true }, ...letters("ON")], "D'EON"],
    "a cedilla": [[...letters("D"), dead("Quote"), { key: "Ç", code: "KeyC", shiftKey: true }, ...letters("ON")], "D'CON"],
    "dead key and Space are the sign": [[...letters("O"), dead("Quote"), { key: "'", code: "Space" }, ...letters("NEILL")], "O'NEILL"],
    "twice": [[...letters("A"), dead("Quote"), dead("Quote"), ...letters("BCDE")], "A''BCDE"],
    "every dead key": [[...letters("A"), dead("Quote", true), ...letters("B"), dead("Backquote"), ...letters("C"), dead("Backquote", true), ...letters("D"), dead("Digit6", true), ...letters("E")], 'A"B`C~D^E'],
    "at the end": [[...letters("ONEILL"), dead("Quote")], "ONEILL'"],
    "German, set right": [[...letters("RENZ", "german"), dead("Equal"), { key: "É", code: "KeyE", shiftKey: true }], "REN" + "Y" + "É"],
    "German without a Y, set right": [[...letters("REN"), dead("Equal"), { key: "É", code: "KeyE", shiftKey: true }], "RENÉ"],
    "German, with an accent that is none": [[...letters("RENA"), dead("Equal"), ...letters("X")], "RENA" + lost + "X"],
    "hidden, and no key of US International": [[...letters("REN"), process("Equal"), process("KeyE", true), ...letters("X")], "REN" + lost + "EX"],
    "hidden under a French layout": [[...letters("QAM,", "french"), dead("BracketLeft"), process("KeyE", true)], null],
  };
  for (const [name, [keys, want]] of Object.entries(cases)) {
    const got = scanned(keys);
    if (want !== null) assert.equal(got.text, want, name);
    if (want === null || want.includes(lost)) assert.equal(understand(got).kind, "unread", name);
    else assert.notEqual(understand(got).kind, "unread", name);
  }
});

test("with the setting for the layout dead keys are read by their place", () => {
  assert.equal(scanned(keysOf("O'NEILL", "usInternational"), { ...defaults, layout: "us" }).text, "O'NEILL");
  assert.equal(scanned(keysOf("M^A'Z", "german"), { ...defaults, layout: "us" }).text, "M^A'Z");
});

test("what an input method hides is read by places, or refused", () => {
  const hidden = text => letters(text).map(key => ({ ...key, key: "Process" }));
  assert.deepEqual(understand(scanned(hidden(proof))), { text: proof, kind: "presence" });
  assert.equal(understand(scanned(hidden("C-100248"))).kind, "unread");
});

test("the number pad gives its digits while Num Lock is off", () => {
  const names = ["Insert", "End", "ArrowDown", "PageDown", "ArrowLeft", "Clear", "ArrowRight", "Home", "ArrowUp", "PageUp"];
  for (const layout of ["", "us"]) {
    const settings = { ...defaults, layout };
    const keys = [...proof].flatMap(c => /\d/.test(c) ? [{ key: names[c], code: "Numpad" + c }] : letters(c));
    const got = scanned(keys, settings);
    assert.equal(got.text, proof);
    assert.equal(got.pad, true);
    assert.equal(readKey({ key: "7", code: "Numpad7" }, settings, true).pad, undefined, "Num Lock is on");
    assert.equal(readKey({ key: "End", code: "End" }, settings, true), null, "another key");
    assert.equal(readKey({ key: "End", code: "Numpad1", ctrlKey: true }, settings, true), null);
  }
});

test("two letters of one key are two letters", () => {
  assert.equal(readKey({ key: "لا", code: "KeyB" }, defaults, true).text, "لا");
  assert.equal(readKey({ key: "Shift", code: "ShiftLeft" }, defaults, true), null);
});

test("what is mangled is no identifier", () => {
  assert.equal(understand({ text: "π" + "α".repeat(200) }).kind, "unread");
  assert.equal(understand({ text: "https://id.example/" + "a".repeat(200) }).kind, "identifier");
  assert.equal(understand({ text: "C-100248" }).kind, "identifier");
});

const ctrl = (key, more) => ({ key, code: "", ctrlKey: true, ...more });

test("line feed, RS and GS arrive as Ctrl and a key, alone and within a burst", () => {
  for (const within of [true, false]) {
    for (const key of [ctrl("j"), ctrl("J"), ctrl("о", { code: "KeyJ" })]) assert.equal(characterOf(key, within), "\n");
    assert.equal(characterOf(ctrl("^", { shiftKey: true }), within), "\x1e");
    assert.equal(characterOf(ctrl("]"), within), "\x1d");
  }
});

test("copy, cut, paste, select all and undo are never taken; other keys only within a burst", () => {
  for (const key of [..."acvxzACVXZ"].map(key => ctrl(key)).concat(ctrl("с", { code: "KeyC" }))) {
    assert.equal(characterOf(key, true), "", key.key);
    assert.equal(characterOf(key, false), "", key.key);
  }
  assert.equal(characterOf(ctrl("d"), false), "");
  assert.equal(characterOf(ctrl("d"), true), "\x04");
  assert.equal(characterOf(ctrl("&", { code: "Digit6" }), true), "\x1e", "another layout");
  assert.equal(characterOf(ctrl("Enter"), true), "", "Ctrl+Enter is a person's");
});

test("keys are no characters, AltGr signs are", () => {
  for (const key of ["F8", "Shift", "Control", "ArrowDown", "Escape", "Dead"]) assert.equal(characterOf({ key }, true), "");
  assert.equal(characterOf({ key: "j", altKey: true }, true), "");
  assert.equal(characterOf({ key: "@", altKey: true, ctrlKey: true }, false), "@");
});

test("the setting for the layout reads keys by their place", () => {
  const us = key => readKey(key, { ...defaults, layout: "us" }, true).text;
  assert.equal(us({ key: "z", code: "KeyY" }), "y");
  assert.equal(us({ key: "Z", code: "KeyY", shiftKey: true }), "Y");
  assert.equal(us({ key: "ß", code: "Minus" }), "-");
  assert.equal(us({ key: "§", code: "Digit3", shiftKey: true }), "#");
  assert.equal(us({ key: "y", code: "KeyY", capsLock: true }), "Y");
  assert.equal(us({ key: "7", code: "Numpad7" }), "7");
  assert.equal(us({ key: "@", code: "KeyQ", altGraph: true }), "@");
});
