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
// person's would; the sixth shows that it is a scan (scan.js), and then every field gets back
// what it held, and the focus is where it was. What Space and Enter would press waits until
// it is known that no scan follows (press.js). Everything is looked up at the end of a scan,
// so that parts of the page may be replaced meanwhile.
//
//   data-focus                   a box or choice that has the focus when the page comes:
//                                never without this script, for a scan would press it

import { offerCamera, listenToSerial } from "./devices.js";
import { isTextField, remember, restore } from "./fields.js";
import { readKey } from "./keys.js";
import { repair, understand, wantedBy } from "./kinds.js";
import { say } from "./live.js";
import { Presses } from "./press.js";
import { Burst, holdOf, parseSettings, storedAs } from "./scan.js";

// pressPause: no Enter or Space presses a button so soon (ms) after a character that no
// text field took.
const pressPause = 500;

let settings = readSettings();
let burst = new Burst(settings);
let before = null; // what the page held when the burst began
let lead = null; // what it held before a Tab or Enter that may be a scan's first key
let timer = 0;
let lastCharacter = -Infinity;
const swallowed = new Set(); // the keys whose release must do nothing either
const presses = new Presses(() => settings.gap, () => holdOf(settings), () => performance.now());

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
addEventListener("keyup", keyUp, true);
addEventListener("click", click, true);
document.addEventListener("input", event => {
  if (event.target.matches("[data-scan]")) note(event.target, "typed");
}, true);

function keyDown(event) {
  const time = event.timeStamp;
  if (burst.over(time)) settle(); // the timer may be late
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  if (plain && (event.key === " " || event.key === "Enter")) presses.down(event);
  if (event.repeat || event.isComposing && /^(Enter|Tab|Escape|Backspace)$/.test(event.key)) return; // a key held down is no scanner
  swallowed.delete(event.code || event.key);
  const key = readKey(factsOf(event), settings, burst.isScan || burst.fast);
  if (key) character(key, time, event);
  else if (!isModifier(event.key)) command(time, event);
}

// command: a key that is no character, as F8 or an arrow. A scanner may send one within a scan.
function command(time, event) {
  const copies = event.ctrlKey && /^[acvxz]$/i.test(event.key);
  if (burst.isScan && burst.within(time, holdOf(settings)) && !copies) swallow(event);
  else presses.flush();
}

function isModifier(key) { return /^(Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|Fn)$/.test(key); }

function character(key, time, event) {
  const blank = /^[ \r\t]$/.test(key.text) && !key.hides;
  if (!blank) presses.character(time);
  else if (key.text === "\t") presses.tab(time);
  if (!isTextField(event.target)) guardButtons(key.text, time, event);
  if (/^[ \r]$/.test(key.text) && /^ *$/.test(burst.text)) holdPicker(event);
  if (key.text === "\r" || key.text === "\t") {
    if (!ends(key.text, time)) return endTyping(key.text, time);
  }
  if (burst.text === "") before = { ...leads(time) ? lead.page : remember(), typedInto: event.target };
  collect(key, time, event);
}

function leads(time) { return lead !== null && time - lead.time <= holdOf(settings); }

// guardButtons keeps a scanner that is too slow to be noticed from pressing a button.
function guardButtons(character, time, event) {
  const soon = time - lastCharacter < pressPause;
  const pressing = character === "\r" || character === " ";
  if (pressing && soon) swallow(event);
  if (character !== "\t" && (soon || !pressing)) lastCharacter = time;
}

// ends: this Enter or Tab belongs to a burst.
function ends(character, time) {
  return character === "\r" ? burst.hasEnter(time) : burst.isScan;
}

function collect(key, time, event) {
  const known = burst.isScan;
  const follows = burst.within(time);
  burst.add(key, time);
  clearTimeout(timer);
  timer = setTimeout(settle, settings.silence);
  if (burst.isScan && !known) {
    restore(before);
    say("receiving");
  }
  const control = event.ctrlKey && !event.altKey;
  const pad = key.pad && follows; // alone it is a person's End or arrow
  if ((control || pad) && !burst.isScan) write(event.target, key.text);
  if (burst.isScan || control || pad || key.text === "\r") swallow(event);
}

// write: a scanner that is too slow to be noticed loses no line feed in a text area, and a
// short barcode no digit.
function write(field, text) {
  if (field instanceof HTMLTextAreaElement || isTextField(field) && text >= " ") field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
}

// holdPicker: Space and Enter on a list open it with no click. Where a script can, that waits
// as well.
function holdPicker(event) {
  const list = event.target;
  if (!(list instanceof HTMLSelectElement) || !list.showPicker || event.defaultPrevented) return;
  event.preventDefault();
  presses.wait(() => { try { list.showPicker(); } catch { /* too late for a person's doing */ } });
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  swallowed.add(event.code || event.key);
  if (event.key === " " || event.key === "Enter") presses.spent();
}

function keyUp(event) {
  presses.up(event);
  if (swallowed.delete(event.code || event.key)) event.preventDefault();
}

// click holds what Space or Enter presses.
function click(event) {
  const { target, shiftKey } = event;
  const act = () => target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, view: window, shiftKey }));
  if (!presses.takes(event, act)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// settle ends the burst after a pause.
function settle() {
  const ended = burst;
  forget();
  const scan = ended.read();
  if (ended.isScan) {
    if (ended.hides) restore(before); // what a dead key has left
    return receive(scan, "scan");
  }
  tellTyped(scan);
  if (scan.ending === "enter") enterAfterAll();
}

// endTyping: a person's Enter or Tab, or that of a slow scanner, or a scan's first key.
function endTyping(character, time) {
  const scan = { ...burst.read(), ending: character === "\r" ? "enter" : "tab" };
  const first = leads(time) && burst.text === "" ? lead.page : remember();
  forget();
  lead = { page: first, time };
  tellTyped(scan);
}

// tellTyped lets the scanner test say why something was no scan.
function tellTyped(scan) {
  document.querySelector('[data-scan="test"]')?.dispatchEvent(new CustomEvent("typed", { detail: scan }));
}

// enterAfterAll does what the Enter would have done that was held back for too short a
// burst.
function enterAfterAll() {
  const field = before?.typedInto, form = field?.form;
  if (field instanceof HTMLTextAreaElement) return write(field, "\n");
  if (isTextField(field) && form && !form.hasAttribute("data-decision")) form.requestSubmit();
}

function forget() {
  clearTimeout(timer);
  burst = new Burst(settings);
}

// receive brings what was scanned to its target.
function receive(scan, entered) {
  const { text: read, kind } = understand(scan);
  const target = targetFor(kind);
  if (!target) return say({ document: "document", unread: "unread" }[kind] ?? "nothing");
  const takes = target.dataset.scan;
  const text = takes === "test" ? scan.text : repair(takes, read);
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

function factsOf(event) {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
  return { key, code, altKey, ctrlKey, metaKey, shiftKey, capsLock: event.getModifierState("CapsLock"), altGraph: event.getModifierState("AltGraph") };
}

document.querySelector("[data-focus]")?.focus();
offerCamera(receive);
listenToSerial(receive, () => settings.silence);
