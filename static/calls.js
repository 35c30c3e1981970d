// The number of visits that wait for a second person: in the title of the page as well, and
// with a sound where somebody wished it in this browser. The contract of the markup:
//
//   #calls[data-calls="2"]   the number, in the tab of the navigation; it refreshes by itself
//   <form data-sound>        hidden without scripts: holds the box of that wish, and is sent nowhere

const storedAs = "countersign-sound";
let known = number();

function number() { return Number(document.getElementById("calls")?.dataset.calls ?? 0); }

function wished() {
  try {
    return localStorage.getItem(storedAs) === "yes";
  } catch {
    return false; // no storage
  }
}

// tellCalls is to be told when a part of the page has been refreshed.
export function tellCalls() {
  const now = number();
  if (now === known) return;
  const shown = document.querySelector("#calls .calls")?.textContent;
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = shown ? `(${shown}) ${title}` : title;
  if (now > known && wished()) sound();
  known = now;
}

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
