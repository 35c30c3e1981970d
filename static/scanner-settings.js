// The page /settings/scanner: shows a scan as it arrived, says what the scanner did to it,
// and keeps in this browser what is a scan. Nothing is sent anywhere.

import { diagnose, visible } from "./diagnosis.js";
import { defaults, parseSettings, storedAs } from "./scan.js";

const box = document.querySelector('[data-scan="test"]');
const form = document.getElementById("scanner-settings");
const samples = JSON.parse(document.querySelector("[data-samples]").dataset.samples);

box.addEventListener("scan", event => {
  event.preventDefault();
  show(event.detail, diagnose(event.detail, samples, settings()));
  if (document.activeElement === document.body) box.focus();
});
box.addEventListener("typed", event => {
  if (event.detail.text.length >= 6) show(event.detail, ["typed", ...diagnose(event.detail, samples, settings())]);
});

function show(scan, found) {
  box.value = visible(scan.text);
  box.setSelectionRange(0, 0); // a licence is longer than the field: its beginning says most
  box.scrollTop = 0;
  for (const line of document.querySelectorAll("[data-finding]")) line.hidden = !found.includes(line.dataset.finding);
  const measured = document.querySelector("[data-measured]");
  measured.hidden = false;
  measured.textContent = `${measured.dataset.measured} ${scan.text.length}, ${Math.round(scan.gap)} ms`;
}

function settings() {
  try {
    return parseSettings(localStorage.getItem(storedAs));
  } catch {
    return parseSettings(null);
  }
}

function fill({ gap, silence, prefix, suffix, layout }) {
  const { elements } = form;
  Object.assign(elements.gap, { value: gap });
  Object.assign(elements.silence, { value: silence });
  Object.assign(elements.prefix, { value: prefix });
  Object.assign(elements.suffix, { value: suffix });
  elements.layout.checked = layout === "us";
}

function keep(wanted) {
  const kept = parseSettings(JSON.stringify(wanted));
  const wrong = kept.gap !== wanted.gap || kept.silence !== wanted.silence || kept.silence <= kept.gap;
  const error = form.querySelector("[data-wrong]");
  error.hidden = !wrong;
  error.textContent = wrong ? error.dataset.wrong : "";
  const status = form.querySelector("[data-kept]");
  status.textContent = "";
  if (wrong) return;
  localStorage.setItem(storedAs, JSON.stringify(kept));
  document.dispatchEvent(new Event("scanner-settings"));
  status.textContent = status.dataset.kept;
  fill(kept);
}

form.addEventListener("submit", event => {
  event.preventDefault();
  const { gap, silence, prefix, suffix, layout } = form.elements;
  keep({ gap: Number(gap.value), silence: Number(silence.value), prefix: prefix.value, suffix: suffix.value, layout: layout.checked ? "us" : "" });
});
form.addEventListener("reset", event => {
  event.preventDefault();
  keep(defaults);
});
fill(settings());
form.hidden = false;
