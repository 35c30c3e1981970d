// Brings a scan to where it belongs, whatever has the focus. The contract of the markup:
//
//   <input data-scan="identifier">   takes what names an account, and presence proofs
//   <input data-scan="code">         takes codes and presence proofs
//   <textarea data-scan="document">  takes ID documents (a textarea keeps line breaks)
//   data-scan="test"                 takes everything, as it came
//   data-scan-button="ID"            the button that sends it; default: the form's first
//   data-scan-stay                   fills the field and sends nothing
//   <input type="hidden" name="entered">  of the same form: scan, typed, camera or serial.
//                                    It is a note about the visit, never evidence.
//   <form data-decision>             is never sent by a scan, nor by a key on its way
//
// The target gets a "scan" event first, with {text, kind, entered, ending, gap}; whoever
// prevents its default takes the scan. What fits no target goes nowhere: the page says so.
//
// A scanner types like a keyboard. The first five characters go where the focus is, as a
// person's would; the sixth shows that it is a scan (scan.js), and then that field gets
// back what it held. Everything is looked up at the end of a scan, so that parts of the
// page may be replaced meanwhile.

import { Burst, characterOf, classify, parseSettings, repair, storedAs, wantedBy } from "./scan.js";
import { offerCamera, listenToSerial } from "./devices.js";
import { say } from "./live.js";

// pressPause: no Enter or Space presses a button so soon (ms) after a character that no
// text field took.
const pressPause = 500;

let settings = readSettings();
let burst = new Burst(settings);
let before = null; // what had the focus when the burst began, and what it held
let timer = 0;
let lastCharacter = -Infinity;
let swallowed = ""; // the key whose release must do nothing either

function readSettings() {
  try {
    return parseSettings(localStorage.getItem(storedAs));
  } catch {
    return parseSettings(null); // no storage
  }
}

function applySettings() {
  settings = readSettings();
  forget();
}

document.addEventListener("scanner-settings", applySettings);
addEventListener("storage", event => { if (event.key === storedAs) applySettings(); });
addEventListener("keydown", keyDown, true);
addEventListener("keyup", event => { if (event.key === swallowed) { event.preventDefault(); swallowed = ""; } }, true);
document.addEventListener("input", event => {
  if (event.target.matches("[data-scan]")) note(event.target, "typed");
}, true);

function keyDown(event) {
  const time = event.timeStamp;
  if (burst.over(time)) settle(); // the timer may be late
  if (event.isComposing || event.repeat) return; // a key held down is no scanner
  const character = characterOf(withCapsLock(event), settings, burst.fast);
  if (character === "") return;
  if (!isTextField(event.target)) guardButtons(character, time, event);
  if (character === "\r" || character === "\t") {
    if (!ends(character, time)) return endTyping(character);
  }
  if (burst.text === "") before = remember();
  collect(character, time, event);
}

// guardButtons keeps a scanner that is too slow to be noticed from pressing a button.
function guardButtons(character, time, event) {
  const soon = time - lastCharacter < pressPause;
  const presses = character === "\r" || character === " ";
  if (presses && soon) swallow(event);
  if (character !== "\t" && (soon || !presses)) lastCharacter = time;
}

// ends: this Enter or Tab belongs to a burst.
function ends(character, time) {
  return character === "\r" ? burst.hasEnter(time) : burst.isScan;
}

function collect(character, time, event) {
  const known = burst.isScan;
  burst.add(character, time);
  clearTimeout(timer);
  timer = setTimeout(settle, settings.silence);
  if (burst.isScan && !known) {
    restore();
    say("receiving");
  }
  const control = event.ctrlKey && !event.altKey;
  if (control && !burst.isScan) write(event.target, character);
  if (burst.isScan || control || character === "\r") swallow(event);
}

// write: a scanner that is too slow to be noticed loses no line feed in a text area.
function write(field, character) {
  if (field instanceof HTMLTextAreaElement) field.setRangeText(character, field.selectionStart, field.selectionEnd, "end");
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  swallowed = event.key;
}

// settle ends the burst after a pause.
function settle() {
  const ended = burst;
  forget();
  const scan = ended.read();
  if (ended.isScan) return receive(scan, "scan");
  tellTyped(scan);
  if (scan.ending === "enter") enterAfterAll();
}

// endTyping: a person's Enter or Tab, or that of a slow scanner.
function endTyping(character) {
  const scan = { ...burst.read(), ending: character === "\r" ? "enter" : "tab" };
  forget();
  tellTyped(scan);
}

// tellTyped lets the scanner test say why something was no scan.
function tellTyped(scan) {
  document.querySelector('[data-scan="test"]')?.dispatchEvent(new CustomEvent("typed", { detail: scan }));
}

// enterAfterAll does what the Enter would have done that was held back for too short a
// burst.
function enterAfterAll() {
  const field = before?.field, form = field?.form;
  if (field instanceof HTMLTextAreaElement) return write(field, "\n");
  if (isTextField(field) && form && !form.hasAttribute("data-decision")) form.requestSubmit();
}

function forget() {
  clearTimeout(timer);
  burst = new Burst(settings);
}

function remember() {
  const field = document.activeElement ?? document.body;
  const typed = isTextField(field);
  return { field, value: field.value, start: typed ? field.selectionStart : null, end: typed ? field.selectionEnd : null };
}

function restore() {
  const { field, value, start, end } = before;
  if (!isTextField(field) && field.localName !== "select") return;
  field.value = value;
  if (start !== null) field.setSelectionRange(start, end);
}

// receive brings what was scanned to its target.
function receive(scan, entered) {
  const kind = classify(scan.text);
  const target = targetFor(kind);
  if (!target) return say(kind === "document" ? "document" : "nothing");
  const takes = target.dataset.scan;
  const text = takes === "test" ? scan.text : repair(takes, scan.text);
  const event = new CustomEvent("scan", { bubbles: true, cancelable: true, detail: { ...scan, text, kind, entered } });
  if (!target.dispatchEvent(event)) return say("received");
  target.value = text;
  note(target, entered);
  say("received");
  if (!send(target) && !isTextField(document.activeElement)) target.focus();
}

function targetFor(kind) {
  const targets = [...document.querySelectorAll("[data-scan]")].filter(field => !field.disabled);
  for (const takes of ["test", ...wantedBy[kind]]) {
    const target = targets.find(field => field.dataset.scan === takes);
    if (target) return target;
  }
}

function send(target) {
  const form = target.form;
  if (!form || form.hasAttribute("data-decision") || target.hasAttribute("data-scan-stay")) return false;
  form.requestSubmit(document.getElementById(target.dataset.scanButton) ?? form.querySelector("button:not([type=button])"));
  return true;
}

function note(target, entered) {
  const field = target.form?.querySelector('input[name="entered"]');
  if (field) field.value = entered;
}

function isTextField(element) {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement && /^(text|search|tel|url|password)$/.test(element.type);
}

function withCapsLock(event) {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
  return { key, code, altKey, ctrlKey, metaKey, shiftKey, capsLock: event.getModifierState("CapsLock") };
}

offerCamera(receive);
listenToSerial(receive, () => settings.silence);
