// The rules of press.js, run by script_test.go. The time to wait is 110 ms, as at the usual
// settings.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Presses } from "./press.js";
import { defaults, holdOf } from "./scan.js";

mock.timers.enable({ apis: ["setTimeout"] });

// page plays keys at their times, and lists what they press.
function page() {
  const pressed = [];
  let now = 0;
  const presses = new Presses(() => defaults.gap, () => holdOf(defaults), () => now);
  return {
    pressed, presses,
    space(name) { this.down("Space"), this.up("Space", name); },
    down(code, more) { presses.down({ code, timeStamp: now, repeat: false, ...more }); },
    up(code, name) { presses.up({ code }), this.click(name); },
    enter(name, more) { this.down("Enter", more), this.click(name), presses.up({ code: "Enter" }); },
    click(name, more) { // says whether the click acts at once
      const waits = presses.takes({ isTrusted: true, detail: 0, timeStamp: now, ...more }, () => pressed.push(name));
      if (!waits) pressed.push(name + " at once");
      return waits;
    },
    after(ms) { for (let i = 0; i < ms; i++) now++, mock.timers.tick(1); return this; },
    character() { presses.character(now); },
  };
}

test("a press acts after a moment that no hand feels", () => {
  assert.ok(holdOf(defaults) <= 150);
  for (const press of ["space", "enter"]) {
    const p = page();
    p[press]("A");
    assert.deepEqual(p.after(109).pressed, []);
    assert.deepEqual(p.after(1).pressed, ["A"]);
  }
});

test("a character within that time drops the press, before or after the key is released", () => {
  for (const gap of [1, 8, 35, 60, 110]) {
    const p = page();
    p.space("A"), p.after(gap - 1 || 1), p.character();
    assert.deepEqual(p.after(1000).pressed, [], `after ${gap} ms`);
  }
  const p = page();
  p.down("Space"), p.after(5).character(), p.up("Space", "A");
  assert.deepEqual(p.after(1000).pressed, []);
});

test("many blanks before a scan press nothing", () => {
  const p = page();
  for (let i = 0; i < 20; i++) p.space("A"), p.after(8);
  p.presses.tab(160), p.character();
  assert.deepEqual(p.after(1000).pressed, []);
});

test("presses keep their order: Space, Tab, Space, then F8", () => {
  const p = page();
  p.space("photo"), p.after(40).presses.tab(40);
  assert.deepEqual(p.pressed, ["photo"], "Tab goes by what is chosen");
  p.after(40).space("handled"), p.presses.flush();
  assert.deepEqual(p.pressed, ["photo", "handled"]);
  assert.deepEqual(p.after(1000).pressed, ["photo", "handled"]);
});

test("what came later than the time by the keys' own clock is no scan, whatever the timer did", () => {
  const p = page();
  p.space("A");
  p.presses.character(111);
  assert.deepEqual(p.pressed, ["A"]);
});

test("a hand that holds a key long presses at once, and once only", () => {
  const p = page();
  p.down("Space"), p.after(300).up("Space", "A");
  assert.deepEqual(p.pressed, ["A at once"]);
  const q = page();
  q.down("Enter"), q.click("B"), q.after(200);
  q.down("Enter", { repeat: true }), q.click("B");
  assert.deepEqual(q.after(1000).pressed, ["B"]);
  const r = page();
  r.enter("C", { repeat: true }); // held down since the page before
  assert.deepEqual(r.after(1000).pressed, []);
});

test("clicks of a pointer, a script and a screen reader do not wait", () => {
  const p = page();
  p.click("screen reader");
  p.down("Enter");
  p.click("pointer", { detail: 1 }), p.click("script", { isTrusted: false });
  assert.deepEqual(p.pressed, ["screen reader at once", "pointer at once", "script at once"]);
});

test("a key that was taken for a scan presses nothing", () => {
  const p = page();
  p.down("Space"), p.presses.spent(), p.up("Space", "A");
  assert.deepEqual(p.after(1000).pressed, []);
});

test("after a release nothing waits any longer", () => {
  const p = page();
  p.space("A"), p.after(500);
  p.click("screen reader");
  assert.deepEqual(p.pressed, ["A", "screen reader at once"]);
});

test("a timer that was late lets the keys in line come first", () => {
  const pressed = [];
  let now = 0;
  const presses = new Presses(() => 35, () => 110, () => now);
  presses.wait(() => pressed.push("A"));
  now = 400; // the computer was busy
  mock.timers.tick(110);
  assert.deepEqual(pressed, []);
  now = 420;
  mock.timers.tick(20);
  assert.deepEqual(pressed, ["A"]);
});
