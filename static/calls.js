// The numbers on the tabs: visits that wait for a second person, and alerts to look at. Their sum
// is in the title of the page as well, but on paper; visits call with a sound where somebody
// wished it in this browser. The contract of the markup:
//
//   [data-calls="2"]     a number, in the tab of the navigation; it refreshes by itself. #calls is of
//                        visits, #alerts of alerts; what is shown may be "9+"
//   <form data-sound>    hidden without scripts: holds the box of that wish, and is sent nowhere

const storedAs = "countersign-sound";
const hiddenPause = 120_000; // milliseconds between two questions of a tab that nobody sees
let known = visits();
let asked = Date.now();

function visits() { return Number(document.getElementById("calls")?.dataset.calls ?? 0); }

// grows says whether a part is a number that is higher than before, or is no number.
export function grows(before, part) { return part.dataset.calls === undefined || Number(part.dataset.calls) > Number(before.dataset.calls); }

function wished() {
  try {
    return localStorage.getItem(storedAs) === "yes";
  } catch {
    return false; // no storage
  }
}

// tellCalls is to be told when a part of the page has been refreshed.
export function tellCalls() {
  const texts = [...document.querySelectorAll("[data-calls] .calls")].map(number => number.textContent);
  const sum = texts.reduce((all, text) => all + parseInt(text, 10), 0);
  entitle(sum ? `(${sum}${texts.some(text => text.endsWith("+")) ? "+" : ""}) ` : "");
  const now = visits();
  if (now > known && wished()) sound();
  known = now;
}

function entitle(number) {
  const title = number + document.title.replace(/^\(\d+\+?\) /, "");
  if (document.title !== title) document.title = title;
}

addEventListener("beforeprint", () => entitle(""));
addEventListener("afterprint", tellCalls);

// Alerts wait for hours, so that a tab in the background asks seldom, for the number in its title.
document.addEventListener("htmx:beforeRequest", event => {
  if (event.target.id !== "alerts") return;
  if (document.hidden && Date.now() - asked < hiddenPause) return event.preventDefault();
  asked = Date.now();
});

// sound is two short notes. A browser plays none before somebody has done something on the page.
function sound() {
  if (!navigator.userActivation?.hasBeenActive) return;
  const audio = new AudioContext();
  const loudness = audio.createGain();
  loudness.gain.value = 0.1;
  loudness.connect(audio.destination);
  [660, 880].forEach((pitch, i) => {
    const note = audio.createOscillator();
    note.frequency.value = pitch;
    note.connect(loudness);
    note.start(audio.currentTime + i * 0.2);
    note.stop(audio.currentTime + i * 0.2 + 0.18);
    if (i === 1) note.onended = () => audio.close();
  });
  document.dispatchEvent(new Event("called"));
}

for (const part of document.querySelectorAll("[data-sound]")) {
  const box = part.querySelector("input");
  box.checked = wished();
  part.hidden = false;
  part.addEventListener("submit", event => event.preventDefault());
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(storedAs, box.checked ? "yes" : "");
    } catch { /* for this page only */ }
    if (box.checked) sound();
  });
}
