// A session that has ended is said on the page within seconds, whoever ended it: the person in another window, the
// organisation's provider, an administrator, or nobody's using it. What the page showed of a customer is taken out of it.
// The contract of the markup:
//
//   <div data-session hx-get="/session" …>   asks by htmx, which follows the way to the sign-in, and is told 409 when another
//                                            session is in this one's place. To ask keeps no session alive
//   <template id="ended" data-heading="…" data-sign-in="/sign-in">   what stands in the page's place then
//
// A server that does not answer ends nothing.

const template = document.getElementById("ended");

function over(xhr) {
  return xhr.status === 401 || xhr.responseURL && new URL(xhr.responseURL).pathname === template.dataset.signIn;
}

function end() {
  document.querySelectorAll("nav, dialog, .station, .held, .skip-link, [data-session]").forEach(part => part.remove());
  const heading = Object.assign(document.createElement("h1"), { textContent: template.dataset.heading, tabIndex: -1 });
  document.title = template.dataset.heading;
  document.getElementById("main").replaceChildren(heading, template.content.cloneNode(true));
  heading.focus();
}

// Before the page's own listeners, for which the answer is no part of theirs.
document.addEventListener("htmx:beforeSwap", event => {
  const asked = event.detail.elt?.matches("[data-session]") || event.detail.target?.matches("[data-session]");
  if (!template || !document.contains(template)) return;
  const ended = over(event.detail.xhr) || asked && event.detail.xhr.status === 409;
  if (ended) end();
  if (!ended && !asked) return;
  event.detail.shouldSwap = false;
  event.stopImmediatePropagation();
});

function askNow() {
  if (document.visibilityState === "visible") document.querySelector("[data-session]")?.dispatchEvent(new Event("refresh"));
}
document.addEventListener("visibilitychange", askNow);
addEventListener("pageshow", event => { if (event.persisted) askNow(); });
