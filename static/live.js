// What is announced: in the live region of every page, by words that the page brings in
// its data attributes, in the reader's language.

export function say(name) { announce(region()?.dataset[name] ?? ""); }

export function announce(text) {
  const live = region();
  if (live && live.textContent !== text) live.textContent = text;
}

// withdraw takes away what is not so any more, so that it is said again when it is.
export function withdraw(text) {
  const live = region();
  if (live && live.textContent === text) live.textContent = "";
}

function region() { return document.getElementById("live"); }
