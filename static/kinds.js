// What a scan holds, and how it is mended. Nothing here touches a page or a clock.

import { lost } from "./keys.js";

// classify says what was scanned: "presence" (docs/presence-proof.md), "document" (ICAO
// 9303 or AAMVA), "code", or "identifier" for everything else.
export function classify(text) {
  const bare = text.replace(/[\x00-\x20]/g, "");
  if (/<</.test(bare) || licenceHead.test(bare) || isOtherZone(bare)) return "document"; // first: somebody lives at Rue des Prés 12
  if (/PRES1/i.test(bare)) return "presence";
  if (codeIn(text) || /^[a-z]{4}[^a-z]?[a-z]{4}$/i.test(bare)) return "code";
  return "identifier";
}

// licenceHead: what stands before the file type may be lost or of another layout.
const licenceHead = /^[^a-z]{0,8}(\][a-z]\d)?[^a-z]{0,4}(ansi|aamva)\d{8}/i;

// isOtherZone knows a zone of ICAO 9303 by its size, with another sign for < (another layout).
function isOtherZone(bare) {
  return [72, 88, 90].includes(bare.length) && /^[a-z][^@]*$/i.test(bare) && /([^a-z0-9])\1{3}/i.test(bare);
}

// understand chooses between what the keys typed and what they say by their places, when the
// scanner is set to a US keyboard and this computer is not: { text, kind }. A text that only
// places make sense of is taken by them. What lost a character is "unread".
export function understand({ text, places = text }) {
  const best = certainty(places) > Math.max(certainty(text), text.includes(lost) ? 1 : 0) ? places : text;
  if (best.includes(lost) || mangled(best)) return { text: best, kind: "unread" };
  return { text: best, kind: classify(best) };
}

// certainty is 2 and more for what can be nothing else, 0 for what may be anything.
function certainty(text) {
  if (text.includes(lost)) return 0;
  const bare = text.replace(/[\x00-\x20]/g, "");
  const kind = classify(text);
  if (kind === "presence") return isWholeProof(bare) ? 3 : 1;
  if (kind === "document") return /^[^@"]{0,8}@[^a-z]{0,4}(ansi|aamva)\d{8}/i.test(bare) || /^(?=.*<<)[a-z\d<]+$/i.test(bare) ? 2 : 1;
  if (kind === "code") return isCode(codeIn(text) || bare) ? 2 : 1;
  return 0;
}

// isWholeProof: base32 of a JWT's characters and four more bytes (docs/presence-proof.md).
function isWholeProof(bare) {
  const letters = /PRES1([A-Z2-7]+)/.exec(bare.toUpperCase())?.[1] ?? "";
  let bits = "";
  for (const letter of letters) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const bytes = bits.match(/.{8}/g) ?? [];
  const jwt = bytes.slice(0, -4).map(byte => String.fromCharCode(parseInt(byte, 2))).join("");
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt);
}

const isCode = text => /^[BCDFGHJKLMNPQRSTVWXZ]{4}-?[BCDFGHJKLMNPQRSTVWXZ]{4}$/i.test(text);

// mangled: no account is named by so long a word, and a phone's square under another layout is.
function mangled(text) {
  return classify(text) === "identifier" && /^\S{150,}$/.test(text.trim()) && !/^https?:/i.test(text);
}

// wantedBy lists the targets that take each kind of scan, best first.
export const wantedBy = {
  presence: ["code", "identifier"], code: ["code", "identifier"], document: ["document"], identifier: ["identifier", "document"],
  unread: [],
};

// repair mends what another layout or Caps Lock did, as far as the target allows.
export function repair(target, text) {
  const kind = classify(text);
  if (kind === "presence") return text.replace(/[\x00-\x20]/g, "").toUpperCase();
  if (target === "code") return (codeIn(text) || text).replace(/[^a-z]/gi, "").toUpperCase();
  if (target === "document") return ownReturns(/ansi\s*\d{6}|aamva\s*\d{6}/.test(text) || /[a-z]<</.test(text) ? flipCase(text) : text);
  return text.trim();
}

// ownReturns writes carriage returns so that a text area keeps them: the last one tells that
// a licence is whole.
function ownReturns(text) { return text.replace(/\r(?!\n)/g, "␍"); }

// codeIn is the code that an address carries, "" when it carries none.
function codeIn(text) {
  const query = /^\s*https?:\/\/[^?#]*\?([^#]*)/i.exec(text);
  return query ? new URLSearchParams(query[1]).get("user_code") ?? "" : "";
}

function flipCase(text) {
  return [...text].map(c => c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()).join("");
}
