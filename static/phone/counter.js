"use strict";

// What a phone needs at the counter: a screen that stays on while the code is shown, and a view with code and square alone.
const counter = (() => {
  const view = document.getElementById("phone-counter");
  let showing = false; // the code
  let full = false; // the view has the whole screen
  let lock; // of the screen, a promise; undefined when there is none

  // awake keeps the screen on while the code is shown. The browser takes the lock back when the page is hidden, and may refuse
  // it: the code is there all the same.
  function awake() {
    const wanted = showing && document.visibilityState === "visible";
    if (!wanted) {
      lock?.then(held => held?.release()).catch(() => {});
      lock = undefined;
      return;
    }
    lock ??= navigator.wakeLock?.request("screen").then(held => {
      held.addEventListener("release", () => { lock = undefined; });
      return held;
    }).catch(() => { lock = undefined; });
  }

  // enter opens the view, with a step in the history that the phone's own way back undoes.
  function enter() {
    if (!view?.showModal || view.open) return;
    view.showModal();
    if (!history.state?.counter) history.pushState({ counter: true }, "");
    document.documentElement.requestFullscreen?.().catch(() => {});
    awake();
  }

  function leave() {
    if (!view?.open) return;
    view.close();
    full = false;
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    if (history.state?.counter) history.back();
  }

  // resized: Escape takes the whole screen back first, and the person means the view.
  function resized() {
    const whole = Boolean(document.fullscreenElement);
    if (whole && !view.open) return document.exitFullscreen().catch(() => {});
    if (full && !whole) leave();
    full = whole;
  }

  // shows is told whether the page shows a code.
  function shows(code) {
    if (showing === code) return;
    showing = code;
    awake();
    if (!code) leave();
  }

  function start() {
    if (!view?.showModal) return; // the page shows both without it
    const [opener, closer] = [document.getElementById("phone-enlarge"), document.getElementById("phone-shrink")];
    opener.hidden = false;
    opener.addEventListener("click", enter);
    closer.addEventListener("click", leave);
    view.addEventListener("cancel", event => { event.preventDefault(); leave(); });
    addEventListener("popstate", leave);
    document.addEventListener("fullscreenchange", resized);
    document.addEventListener("visibilitychange", awake);
    if (history.state?.counter) history.replaceState(null, ""); // the page was loaded anew in the view
  }

  start();
  return { shows };
})();
