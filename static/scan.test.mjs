// The rules of scan.js, kinds.js and diagnosis.js, run by script_test.go. The numbers are
// those of docs/counter.md §2.2: 6 characters, 35 ms, 120 ms of silence.
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, visible } from "./diagnosis.js";
import { classify, repair, wantedBy } from "./kinds.js";
import { Burst, defaults, median, parseSettings } from "./scan.js";

function burst(text, gap, settings = defaults) {
  const b = new Burst(settings);
  [...text].forEach((c, i) => b.add(c, i * gap));
  return b;
}

test("a scan has 6 characters with a median gap of 35 ms", () => {
  assert.equal(burst("ABCDEF", 35).isScan, true);
  assert.equal(burst("ABCDE", 1).isScan, false);
  assert.equal(burst("ABCDEF", 36).isScan, false);
  assert.equal(burst("ABCDEF", 36, { ...defaults, gap: 40 }).isScan, true);
  assert.equal(burst("ABCDE\r", 1).isScan, false, "the ending is no character");
});

test("one late character makes no scan a person's, one quick one no person a scanner", () => {
  const late = burst("ABCDEF", 10);
  late.add("G", 50 + 119);
  assert.equal(late.isScan, true);
  const b = new Burst(defaults);
  [0, 20, 110, 130, 230, 320, 410].forEach(time => b.add("x", time));
  assert.equal(b.isScan, false);
});

test("more than 120 ms of silence ends a burst", () => {
  const b = burst("AB", 10);
  assert.equal(b.over(130), false);
  assert.equal(b.over(131), true);
  assert.equal(new Burst(defaults).over(1e9), false);
});

test("the ending, a prefix and a suffix are taken off", () => {
  const whole = { text: "ABCDEF", places: "ABCDEF", gap: 10, dead: false, pad: false };
  assert.deepEqual(burst("ABCDEF\r", 10).read(), { ...whole, ending: "enter" });
  assert.deepEqual(burst("ABCDEF\t", 10).read(), { ...whole, ending: "tab" });
  assert.equal(burst("@\n\x1e\rANSI 6", 10).read().text, "@\n\x1e\rANSI 6");
  assert.deepEqual(burst("ABCDEF\r\n", 10).read(), { ...whole, ending: "enter" });
  assert.equal(burst("DDAF\r\r", 10).read().text, "DDAF\r", "a licence's own carriage return stays");
  assert.equal(burst("]Q1ABCDEF#\r", 10, { ...defaults, prefix: "]Q1", suffix: "#" }).read().text, "ABCDEF");
  assert.equal(burst("ABCDEF", 10, { ...defaults, prefix: "]Q1", suffix: "#" }).read().text, "ABCDEF");
});

test("an Enter right after a character is the scanner's, a later one a person's", () => {
  for (const text of ["@", "@\x1e", "@\r\x1e"]) assert.equal(burst(text, 8).hasEnter(text.length * 8), true, JSON.stringify(text));
  assert.equal(burst("@", 8).hasEnter(36), false);
  assert.equal(burst("th", 20).hasEnter(20 + 90), false, "two keys at once, then Enter");
  assert.equal(burst("abc", 90).hasEnter(181), false, "fast typing, and Enter with the last key");
  assert.equal(new Burst(defaults).hasEnter(0), false);
});

const licence = "@\n\x1e\rANSI 636999100001DL00310320DLDAQT00000042\nDCSSPECIMEN\r";

const zone = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";

test("a scan is named by what it holds", () => {
  const kinds = {
    presence: ["PRES1MV4UE2TC", "pres1mv4ue2tc", "]Q1PRES1MV4UE2TC"],
    document: [licence, licence.replace(/[\n\r\x1e]/g, ""), licence.toLowerCase(), "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
      licence.replace("@", '"'), licence.slice(4), "]L2" + licence, licence.replace("ANSI ", "AAMVA"), licence + "DAG4 RUE DES PRES 12\r", zone.replaceAll("<", ";"), zone.replaceAll("<", "?").toLowerCase()],
    code: ["WDJB-MJHT", "wdjbmjht", "WDJBßMJHT", "https://id.example/device?user_code=WDJB-MJHT"],
    identifier: ["C-100248", "anna@example.org", "+46 70 174 06 05", "https://id.example/device", "ansi-20240101", "a--" + "b".repeat(69), "a--@".repeat(18)],
  };
  for (const [kind, texts] of Object.entries(kinds)) {
    for (const text of texts) assert.equal(classify(text), kind, text);
  }
});

test("what is no code never goes where a wrong code costs a try", () => {
  assert.ok(!wantedBy.identifier.includes("code"));
  assert.ok(!wantedBy.document.includes("code"));
});

test("a code is stripped to its letters, whatever the layout, Caps Lock or address did", () => {
  for (const text of ["wdjb-mjht", "WDJBßMJHT", " WDJB MJHT\n", "https://id.example/device?user_code=wdjb-mjht&x=Z"]) {
    assert.equal(repair("code", text), "WDJBMJHT", text);
  }
});

test("a presence proof survives either case and line breaks", () => {
  for (const target of ["code", "identifier"]) assert.equal(repair(target, "pres1mv4u\r\ne2tc"), "PRES1MV4UE2TC");
});

test("a document keeps its separators, and gets its case back; carriage returns are written", () => {
  const flipped = [...licence].map(c => c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()).join("");
  const written = licence.replaceAll("\r", "␍");
  assert.equal(repair("document", licence), written);
  assert.equal(repair("document", flipped), written);
  assert.equal(repair("document", flipped.replace("@\n\x1e\r", "")), written.replace("@\n\x1e␍", ""));
  assert.equal(repair("document", "A\r\nB\r"), "A\r\nB␍", "a text area keeps both as one break");
});

test("control characters are shown", () => assert.equal(visible("a\n\x1e\x1d\r\t"), "a‹LF›‹RS›‹GS›‹CR›‹TAB›"));

const long = licence.replace("DCS", "DDEN\nDACX\nDDFN\nDADY\nDDGN\nDCS");
const samples = { letters: "QAWZYXMCOUNTER", signs: "Countersign-Test_07/a?b=C:d.e@f+Yz", document: long };
const say = (text, gap = 10, ending = "enter") => diagnose({ text, gap, ending }, samples, defaults);

test("the diagnosis names what a scanner did", () => {
  assert.deepEqual(say("QAWZYXMCOUNTER"), ["fast", "ending-enter", "read-letters"]);
  assert.deepEqual(say("qawzyxmcounter", 60, "none"), ["slow", "ending-none", "read-letters", "caps"]);
  assert.deepEqual(say("QAWYZXMCOUNTER").slice(2), ["layout-qwertz"]);
  assert.deepEqual(say("qawyzxmcounter").slice(2), ["layout-qwertz", "caps"]);
  assert.ok(say("AQZWYX,COUNTER").includes("layout-azerty"));
  assert.ok(say("CountersignßTest?07-a_b´CÖd.e\"f*Zy").includes("layout-qwertz"));
  assert.ok(say("Countersign Test 07 a b C d e f Yz").includes("layout-signs"));
  assert.ok(say("QAWZYXMCOU").includes("cut"));
  assert.ok(say("something else").includes("unknown"));
  assert.deepEqual(say(long).slice(2), ["read-document", "breaks-kept", "separators-kept"]);
  for (const dropped of [/[\n\r\x1e]/g, /[\n\x1e]/g]) { // the second keeps Enter for CR
    assert.deepEqual(say(long.replace(dropped, "")).slice(2), ["read-document", "breaks-dropped", "separators-dropped"]);
  }
  assert.deepEqual(say(long.replaceAll("\n", "\r")).slice(2), ["read-document", "breaks-kept", "separators-kept"]);
});

test("settings that make no sense are the defaults", () => {
  assert.deepEqual(parseSettings(null), defaults);
  assert.deepEqual(parseSettings("{"), defaults);
  assert.deepEqual(parseSettings('{"gap":0,"silence":"x","prefix":7,"layout":null}'), defaults);
  assert.deepEqual(parseSettings('{"gap":60,"silence":200,"prefix":"]Q1","suffix":"#","layout":"us"}'),
    { gap: 60, silence: 200, prefix: "]Q1", suffix: "#", layout: "us" });
});

test("median", () => { assert.equal(median([]), 0); assert.equal(median([9, 1, 5]), 5); });
