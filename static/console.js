// Keys on buttons, the claim's timer, and parts that refresh. The contract of the markup:
//
//   data-key="F8 Ctrl+Enter"   on a button or link: presses it; on anything else, which
//                              needs a tabindex: goes there. The keys are shown. No single
//                              letters (WCAG 2.1.4).
//   data-clear, data-print     buttons that only scripts can press, hidden without them
//   data-unscripted            words in their stead, hidden with them
//   <form data-decision>       holds a decision: a key goes to its reasons, to the first of its
//                              boxes without a tick or to its button, and never presses it
//   data-until, data-now       when a claim ends and what the server's clock said, RFC 3339;
//   data-warn="120"            seconds before the end in which it warns; an element
//                              [data-left] within shows what is left
//   data-announce              within a part that refreshes: read out when it changes
//   data-with="#match"         a part that refreshes comes with this: a page that lacks it
//                              is loaded as a whole

import { grows, tellCalls } from "./calls.js";
import { announce, say, withdraw } from "./live.js";
import "./ended.js";

const keyed = "[data-key]";

function keysOf(element) { return element.dataset.key.split(" "); }

function showKeys(within) {
  for (const element of within.querySelectorAll(keyed)) {
    if (element.querySelector(":scope > kbd")) continue;
    element.setAttribute("aria-keyshortcuts", keysOf(element).join(" ").replaceAll("Ctrl", "Control").replaceAll("Esc", "Escape"));
    for (const key of keysOf(element)) {
      const kbd = Object.assign(document.createElement("kbd"), { textContent: key });
      kbd.setAttribute("aria-hidden", "true");
      element.append(kbd);
    }
  }
}

function keyName(event) {
  if (event.altKey || event.metaKey || event.shiftKey) return "";
  return (event.ctrlKey ? "Ctrl+" : "") + event.key;
}

document.addEventListener("keydown", event => {
  const name = keyName(event);
  if (event.repeat || event.isComposing || event.defaultPrevented) return;
  if (name === "Escape") return clearBox(event);
  if (!/^F\d+$|^Ctrl\+Enter$/.test(name)) return;
  const inDecision = event.target.closest?.("form[data-decision]");
  const element = name === "Ctrl+Enter" && inDecision ? null : withKey(name);
  if (element || inDecision && name === "Ctrl+Enter") event.preventDefault();
  if (element) press(element);
});

// Enter in a box of a decision sends nothing.
document.addEventListener("keypress", event => {
  if (event.key === "Enter" && event.target.matches?.("[data-decision] [type=checkbox]")) event.preventDefault();
});

// withKey prefers the page's own part to the banner, and passes over what is not shown.
function withKey(name) {
  const all = [...document.querySelectorAll(keyed)].filter(e => keysOf(e).includes(name) && e.checkVisibility());
  return all.find(e => e.closest("main")) ?? all[0];
}

function press(element) {
  const decision = element.closest("form[data-decision]");
  if (!decision && element.matches("a, button")) return element.click();
  const reason = decision?.querySelector("input:checked") ? null : decision?.querySelector("input[type=radio]");
  const goTo = decision?.querySelector("input[type=checkbox]:not(:checked)") ?? reason ?? element;
  goTo.focus();
  goTo.scrollIntoView({ block: "center" });
}

// clearBox empties the field that has the focus, or the page's scan box when none has.
function clearBox(event) {
  const text = "input[type=text], textarea";
  const box = event.target.matches?.(text) ? event.target : event.target === document.body ? document.querySelector("[data-scan]") : null;
  if (box && !document.querySelector("dialog[open]")) empty(box);
}

function empty(box) {
  box.value = "";
  box.focus();
  announce("");
}

// A claim's timer goes by the server's clock, and on through a computer's sleep.
const begun = new WeakMap();

function tick() {
  for (const timer of document.querySelectorAll("[data-until]")) {
    const { until, now, warn = "120" } = timer.dataset;
    if (!begun.has(timer)) begun.set(timer, Date.now());
    const left = Math.max(0, Math.ceil((Date.parse(until) - Date.parse(now) - (Date.now() - begun.get(timer))) / 1000));
    const shown = timer.querySelector("[data-left]");
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (shown && shown.textContent !== text) shown.textContent = text;
    const state = left === 0 ? "over" : left <= Number(warn) ? "warned" : "";
    if (state !== (timer.dataset.state ?? "")) {
      timer.dataset.state = state;
      say(state);
    }
  }
}

// Parts that refresh (htmx). A part that has not changed stays as it is, so that nobody
// loses their place in it; an answer without the part, as when the session is over, is
// not shown in its stead.
const shown = new Map();

document.querySelectorAll("[hx-get][id]").forEach(part => shown.set(part.id, part.outerHTML));

document.addEventListener("htmx:beforeSwap", event => {
  const { target, xhr } = event.detail;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const part = xhr.status === 200 ? page.getElementById(target.id) : null;
  const asked = event.detail.requestConfig?.verb === "post"; // by a person, not by time
  const lacks = part?.dataset.with && !document.querySelector(part.dataset.with);
  if (!part && asked || lacks) return location.reload(); // the page says what has become of it
  const busy = !asked && target.contains(document.activeElement) && document.activeElement.matches("a, button");
  event.detail.shouldSwap = part !== null && !busy && part.outerHTML !== shown.get(target.id);
  if (!part) return say("stale");
  const news = part.querySelector("[data-announce]")?.textContent.trim();
  const before = target.querySelector("[data-announce]")?.firstChild?.textContent.trim();
  if (news && news !== before && grows(target, part)) announce(news);
  if (before && news !== before) withdraw(before);
  if (busy) return; // the next time
  shown.set(target.id, part.outerHTML);
});
document.addEventListener("htmx:sendError", () => say("stale"));
document.addEventListener("htmx:afterSettle", () => { showKeys(document); tick(); tellCalls(); });

for (const button of document.querySelectorAll("[data-clear], [data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => "print" in button.dataset ? print() : empty(document.querySelector("[data-scan]")));
}

document.querySelectorAll("[data-unscripted]").forEach(words => { words.hidden = true; });

// A code is written as the customer's screen shows it, to be compared at a glance.
document.addEventListener("input", event => {
  const box = event.target;
  if (box.dataset.scan !== "code" || event.isComposing || event.inputType?.startsWith("delete")) return;
  const letters = box.value.replace(/[\s-]/g, "").toUpperCase();
  if (/^[A-Z]{5,8}$/.test(letters) && box.selectionStart === box.value.length) box.value = `${letters.slice(0, 4)}-${letters.slice(4)}`;
});

// What was typed before is gone on with at its end.
for (const box of document.querySelectorAll("input[type=text][autofocus]")) box.setSelectionRange(box.value.length, box.value.length);

showKeys(document);
tick();
setInterval(tick, 1000);
