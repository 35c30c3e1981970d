"use strict";

// Draws a text as a QR code: alphanumeric mode, error correction level L, as sharp as the
// screen at any size.
function square(text, label) {
  const code = qrcode(0, "L");
  code.addData(text, "Alphanumeric");
  code.make();
  const size = code.getModuleCount(), margin = 4; // the quiet zone of ISO/IEC 18004
  let path = "";
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (code.isDark(row, column)) path += `M${column + margin} ${row + margin}h1v1h-1z`;
    }
  }
  const element = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const whole = size + 2 * margin;
  const drawing = element("svg", { viewBox: `0 0 ${whole} ${whole}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" });
  drawing.append(
    element("rect", { width: whole, height: whole, fill: "#ffffff" }),
    element("path", { d: path, fill: "#000000" }),
  );
  return drawing;
}
