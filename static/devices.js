// Scanners that are no keyboard: the camera where the browser reads barcodes
// (BarcodeDetector), and a serial port where it has Web Serial. Both are offered only
// where the browser can, and the page says [data-camera] or [data-serial].

// offerCamera shows the page's button for it. The picture stays in this page.
export async function offerCamera(receive) {
  const button = document.querySelector("button[data-camera]");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return; // a browser may have it and read nothing
  button.hidden = false;
  button.addEventListener("click", () => lookFor(button, receive));
}

async function lookFor(button, receive) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  } catch {
    return tell(button, button.dataset.refused); // no permission, or no camera
  }
  const view = open(button, stream);
  const formats = await BarcodeDetector.getSupportedFormats();
  const detector = new BarcodeDetector({ formats: ["qr_code", "pdf417", "code_128"].filter(f => formats.includes(f)) });
  try {
    const found = await firstCode(detector, view);
    if (found) receive({ text: found, ending: "none", gap: 0 }, "camera");
  } finally {
    stream.getTracks().forEach(track => track.stop());
    view.dialog.remove();
  }
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
  video.play();
  return { dialog, video };
}

// firstCode looks four times a second until it sees a code, null when the dialog closed.
async function firstCode(detector, { dialog, video }) {
  while (dialog.open) {
    const codes = video.readyState >= 2 ? await detector.detect(video) : [];
    if (codes.length > 0) return codes[0].rawValue;
    await new Promise(done => setTimeout(done, 250));
  }
  return null;
}

// listenToSerial reads from the ports that this browser was allowed before, and offers
// to allow one.
export async function listenToSerial(receive, silence) {
  if (!("serial" in navigator)) return;
  const button = document.querySelector("button[data-serial]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const port = await navigator.serial.requestPort().catch(() => null); // null: nothing was chosen
      if (port) read(port, receive, silence, button);
    });
  }
  if (!document.querySelector("[data-scan]")) return;
  const ports = await navigator.serial.getPorts().catch(() => []); // not allowed on this page
  ports.forEach(port => read(port, receive, silence, button));
}

async function read(port, receive, silence, button) {
  try {
    await port.open({ baudRate: 9600 });
    tell(button, button?.dataset.connected);
    await readLines(port.readable.getReader(), receive, silence);
  } catch {
    tell(button, button?.dataset.refused); // another page has it, or it was pulled out
  }
}

async function readLines(reader, receive, silence) {
  const decoder = new TextDecoder();
  let text = "", timer = 0;
  const end = () => {
    const scan = text.replace(/[\r\n\t]+$/, "");
    text = "";
    if (scan) receive({ text: scan, ending: "none", gap: 0 }, "serial");
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    clearTimeout(timer);
    timer = setTimeout(end, silence());
  }
}

function tell(button, text) {
  const live = document.getElementById("live");
  if (button && text && live) live.textContent = text;
}
