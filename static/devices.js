// Scanners that are no keyboard: the camera where the browser reads barcodes
// (BarcodeDetector), and a serial port where it has Web Serial. Both are offered only
// where the browser can, and the page says [data-camera] or [data-serial].

import { announce, say } from "./live.js";

// offerCamera shows the page's button for it. The picture stays in this page.
export async function offerCamera(receive) {
  const button = document.querySelector("button[data-camera]");
  if (!button || !navigator.mediaDevices) return;
  const formats = await readable();
  if (!formats.includes("qr_code")) return; // a browser may have it and read nothing
  button.hidden = false;
  let looking = false;
  button.addEventListener("click", async () => {
    if (looking) return;
    looking = true;
    try {
      await lookFor(button, formats, receive);
    } catch {
      announce(button.dataset.refused); // no permission, no camera, or it was pulled out
    } finally {
      looking = false;
    }
  });
}

async function readable() {
  const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
  return ["qr_code", "pdf417", "code_128"].filter(format => formats.includes(format));
}

// lookFor ends the camera before anything is received, so that the page has the focus again.
async function lookFor(button, formats, receive) {
  announce("");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  const view = open(button, stream);
  const stop = () => stream.getTracks().forEach(track => track.stop());
  addEventListener("pagehide", stop, { once: true });
  let found = null;
  try {
    found = await firstCode(new BarcodeDetector({ formats }), stream, view);
  } finally {
    removeEventListener("pagehide", stop);
    stop();
    view.dialog.close();
    view.dialog.remove();
  }
  if (found) receive({ text: found, ending: "none", gap: 0 }, "camera");
}

function open(button, stream) {
  const dialog = document.createElement("dialog");
  dialog.className = "camera";
  dialog.setAttribute("aria-label", button.textContent.trim());
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream });
  const stop = Object.assign(document.createElement("button"), { type: "button", className: "secondary", textContent: button.dataset.stop });
  stop.addEventListener("click", () => dialog.close());
  dialog.append(video, stop);
  document.body.append(dialog);
  dialog.showModal();
  video.play().catch(() => {}); // stopped before it began
  return { dialog, video };
}

// firstCode looks four times a second until it sees a code, null when the dialog closed.
// A picture that cannot be read yet is no reason to stop; a camera that ended is.
async function firstCode(detector, stream, { dialog, video }) {
  while (dialog.open) {
    if (stream.getVideoTracks().every(track => track.readyState === "ended")) throw new Error("the camera ended");
    const codes = video.readyState >= 2 ? await detector.detect(video).catch(() => []) : [];
    if (codes.length > 0 && dialog.open) return codes[0].rawValue;
    await new Promise(done => setTimeout(done, 250));
  }
  return null;
}

// listenToSerial reads from the ports that this browser was allowed before, also when one
// is plugged in later, and offers to allow one: on pages that may (headers.go), which have
// the camera's button.
export async function listenToSerial(receive, silence) {
  if (!("serial" in navigator) || !document.querySelector("button[data-camera]")) return;
  const listen = port => read(port, receive, silence);
  const button = document.querySelector("button[data-serial]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const port = await navigator.serial.requestPort().catch(() => null); // null: nothing was chosen
      if (port) announce(await listen(port) ? button.dataset.connected : button.dataset.refused);
    });
  }
  navigator.serial.addEventListener("connect", async event => {
    if (await listen(event.target)) say("plugged");
  });
  const ports = await navigator.serial.getPorts().catch(() => []); // not allowed on this page
  ports.forEach(listen);
}

const reading = new Set(); // ports that this page reads

// read says whether the port could be opened. The page before may still be closing it.
async function read(port, receive, silence) {
  if (reading.has(port)) return true;
  reading.add(port);
  for (let tries = 3; ; tries--) {
    try {
      await port.open({ baudRate: 9600 });
      break;
    } catch {
      if (tries > 1) {
        await new Promise(done => setTimeout(done, 300));
        continue;
      }
      reading.delete(port);
      return false; // another page has it, or it was pulled out
    }
  }
  readAll(port, receive, silence).finally(() => reading.delete(port));
  return true;
}

// readAll reads until the port is gone. After an error of the line the browser gives the
// port another stream; what came before it is no whole scan.
async function readAll(port, receive, silence) {
  let leaving = false;
  for (let before = null; port.readable && port.readable !== before && !leaving;) {
    before = port.readable;
    const reader = before.getReader();
    const leave = () => { leaving = true; reader.cancel().catch(() => {}); };
    addEventListener("pagehide", leave, { once: true });
    await readLines(reader, receive, silence);
    removeEventListener("pagehide", leave);
    reader.releaseLock();
  }
  await port.close().catch(() => {}); // it is gone already
  if (!leaving) say("unplugged");
}

async function readLines(reader, receive, silence) {
  let bytes = [], timer = 0;
  const end = () => {
    const text = decoded(new Uint8Array(bytes)).replace(/(\r\n?|\n|\t)$/, "");
    bytes = [];
    if (text.trim()) receive({ text, ending: "none", gap: 0 }, "serial");
  };
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ done: true }));
    clearTimeout(timer);
    if (done) return; // half a scan is none
    bytes.push(...value);
    timer = setTimeout(end, silence());
  }
}

// decoded reads UTF-8, and what is none as Latin letters of one byte: a licence of Québec.
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
