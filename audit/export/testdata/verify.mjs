// A verifier of exports that shares no code with the program: written from docs/events.md ("Exports"), RFC 7515, RFC 6962 §2.1 and
// C2SP's signed-note and tlog-checkpoint, on what Node has of its own. It reads an export from standard input, writes {entries, size,
// proved}, and throws when anything is wrong.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createInterface } from "node:readline";

const sha256 = (...parts) => parts.reduce((h, part) => h.update(part), createHash("sha256")).digest();
const leafHash = (data) => sha256(Buffer.of(0), data);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const check = (fine, what) => {
  if (!fine) throw new Error(what);
};

// verifierKey reads name+hash+base64(type ‖ key); type 1 is Ed25519.
function verifierKey(line) {
  const [name, id, ...rest] = line.split("+");
  const typed = Buffer.from(rest.join("+"), "base64");
  const computed = sha256(name, "\n", typed).subarray(0, 4);
  check(typed[0] === 1 && typed.length === 33 && computed.toString("hex") === id, "a bad verifier key");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), typed.subarray(1)]);
  return { name, id: computed, key: createPublicKey({ key: spki, format: "der", type: "spki" }) };
}

function checkpoint(note, known) {
  const end = note.lastIndexOf("\n\n");
  const signed = note.slice(0, end + 1);
  const good = note.slice(end + 2).trimEnd().split("\n").filter((line) => {
    const [, name, base64] = line.split(" ");
    const bytes = Buffer.from(base64, "base64");
    const by = known.find((k) => k.name === name && k.id.equals(bytes.subarray(0, 4)));
    return by && verify(null, Buffer.from(signed), by.key, bytes.subarray(4));
  });
  check(good.length > 0, "the checkpoint is signed by no key of the log");
  const [, size, root] = signed.split("\n");
  return { size: Number(size), root: Buffer.from(root, "base64") };
}

// root is where a proof leads from a leaf (RFC 9162 §2.1.3.2).
function rootOf(leaf, index, size, path) {
  let [at, last, hash] = [index, size - 1, leaf];
  for (const step of path) {
    check(last !== 0, "a proof that is too long");
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(step, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  check(last === 0, "a proof that is too short");
  return hash;
}

// tree has the roots of the complete subtrees, left to right.
const tree = [];
function append(leaf) {
  let node = { height: 0, hash: leaf };
  while (tree.length > 0 && tree.at(-1).height === node.height) {
    node = { height: node.height + 1, hash: nodeHash(tree.pop().hash, node.hash) };
  }
  tree.push(node);
}
const treeRoot = () => tree.map((node) => node.hash).reduceRight((right, left) => nodeHash(left, right));

let head, end, known, last = 0, entries = 0, proved = 0, size = 0;
const named = new Map();

function begin(line) {
  head = JSON.parse(line).export;
  check(head.version === 1, "another version");
  for (const jwk of head.keys.keys) named.set(jwk.kid, createPublicKey({ key: jwk, format: "jwk" }));
  known = checkpoint(head.checkpoint, head.log_keys.map(verifierKey));
}

let current;
const mayId = new Set();
function keyOf(kid, event, type) {
  if (head.filter.length > 0) return;
  if (current === undefined) mayId.add((current = kid));
  check(mayId.has(kid), `key ${kid} signs, and nothing named it`);
  if (type.endsWith("/signing-key-rotated") && event.reason === "audit") {
    check(kid === current, "a rotation by another key");
    mayId.add((current = event.key));
  }
}

function entry(line) {
  const { seq, set, proof, claims } = JSON.parse(line);
  const [header, payload, signature] = set.split(".");
  const { alg, kid, typ } = JSON.parse(Buffer.from(header, "base64url"));
  check(alg === "ES256" && typ === "secevent+jwt" && named.has(kid), `entry ${seq}: a bad header`);
  const key = { key: named.get(kid), dsaEncoding: "ieee-p1363" };
  check(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")), `entry ${seq}: a bad signature`);
  const said = JSON.parse(Buffer.from(payload, "base64url"));
  check(JSON.stringify(said) === JSON.stringify(claims), `entry ${seq}: other claims`);
  const [type, event] = Object.entries(said.events)[0];
  check(said.iss === head.issuer && event.seq === seq, `entry ${seq}: another issuer or number`);
  check(head.filter.length > 0 ? seq > last : seq === last + 1, `entry ${seq}: out of order`);
  keyOf(kid, event, type);
  const leaf = leafHash(set);
  if (head.filter.length === 0) {
    append(leaf);
    if (seq === known.size) check(treeRoot().equals(known.root), "the entries are not the checkpoint's tree"), (size = seq);
  } else if (seq <= known.size) {
    const path = (proof ?? []).map((hash) => Buffer.from(hash, "base64"));
    check(rootOf(leaf, seq - 1, known.size, path).equals(known.root), `entry ${seq}: the proof does not hold`);
    proved++;
  }
  [last, entries] = [seq, entries + 1];
}

for await (const line of createInterface({ input: process.stdin })) {
  check(end === undefined, "more behind the last line");
  if (head === undefined) begin(line);
  else if (line.startsWith('{"end":')) end = JSON.parse(line).end;
  else entry(line);
}
check(end !== undefined && end.entries === entries && end.last_seq === head.last_seq, "the export is cut off");
check(head.filter.length > 0 || (last === head.last_seq && size === known.size), "the export is not whole");
console.log(JSON.stringify({ entries, size, proved }));
