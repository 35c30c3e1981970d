// A verifier that shares no code with the program: written from C2SP's tlog-tiles, tlog-checkpoint and signed-note and from
// RFC 6962 §2.1, on what Node has of its own. It reads {prefix, keys, index, entry} from standard input: the log's address, its
// verifier keys, the number of a leaf and the entry that should be there; and, where somebody else made a proof of it, {proof: {size,
// root, path}}, and {continues: {size, root, path}} of an earlier tree. It writes what it found; it throws when anything is wrong.
import { createHash, createPublicKey, verify } from "node:crypto";
import { text } from "node:stream/consumers";

const { prefix, keys, index, entry, proof: given, continues } = JSON.parse(await text(process.stdin));
const sha256 = (...parts) => parts.reduce((h, part) => h.update(part), createHash("sha256")).digest();
const leafHash = (data) => sha256(Buffer.of(0), data);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

async function fetched(path, type) {
  const answer = await fetch(`${prefix}/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  if (answer.headers.get("content-type") !== type) throw new Error(`${path}: ${answer.headers.get("content-type")}`);
  return Buffer.from(await answer.arrayBuffer());
}

// verifierKey reads name+hash+base64(type ‖ key); type 1 is Ed25519.
function verifierKey(line) {
  const [name, id, ...rest] = line.split("+");
  const typed = Buffer.from(rest.join("+"), "base64");
  const computed = sha256(name, "\n", typed).subarray(0, 4);
  if (typed[0] !== 1 || typed.length !== 33 || computed.toString("hex") !== id) throw new Error("a bad verifier key");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), typed.subarray(1)]);
  return { name, id: computed, key: createPublicKey({ key: spki, format: "der", type: "spki" }) };
}

function checkpoint(note, known) {
  const end = note.lastIndexOf("\n\n");
  const signed = note.slice(0, end + 1);
  const good = note.slice(end + 2).trimEnd().split("\n").filter((line) => {
    const [dash, name, base64] = line.split(" ");
    if (dash !== "—") throw new Error("no signature line");
    const bytes = Buffer.from(base64, "base64");
    const by = known.find((k) => k.name === name && k.id.equals(bytes.subarray(0, 4)));
    if (!by) return false;
    if (!verify(null, Buffer.from(signed), by.key, bytes.subarray(4))) throw new Error("a bad signature");
    return true;
  });
  if (good.length === 0) throw new Error("signed by no key of the log");
  const [origin, size, root] = signed.split("\n");
  if (!known.some((k) => k.name === origin)) throw new Error("the checkpoint of another log");
  return { size: Number(size), root: Buffer.from(root, "base64") };
}

const tiles = new Map();
async function tile(level, number, size) {
  const width = Math.min(256, Math.floor(size / 256 ** level) - number * 256);
  let path = String(number % 1000).padStart(3, "0");
  for (let rest = Math.floor(number / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  path = `tile/${level}/${path}` + (width < 256 ? `.p/${width}` : "");
  if (!tiles.has(path)) tiles.set(path, await fetched(path, "application/octet-stream"));
  if (tiles.get(path).length !== width * 32) throw new Error(`${path} is ${tiles.get(path).length} bytes`);
  return tiles.get(path);
}

// mth is MTH(D[from:to]) of the tree: a whole subtree that a tile has is read there, everything else is hashed.
async function mth(from, to, size) {
  for (let level = 7; level >= 0; level--) {
    const span = 256 ** level;
    if (to - from === span && from % span === 0) {
      const at = from / span;
      return (await tile(level, Math.floor(at / 256), size)).subarray((at % 256) * 32, (at % 256) * 32 + 32);
    }
  }
  const split = largestPowerBelow(to - from);
  return nodeHash(await mth(from, from + split, size), await mth(from + split, to, size));
}

function largestPowerBelow(n) {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

// proof is PATH(m, D[from:to]), from the leaf up.
async function proof(m, from, to, size) {
  if (to - from === 1) return [];
  const split = from + largestPowerBelow(to - from);
  return m < split
    ? [...(await proof(m, from, split, size)), await mth(split, to, size)]
    : [...(await proof(m, split, to, size)), await mth(from, split, size)];
}

// included computes the root from a leaf and its proof (RFC 9162 §2.1.3.2).
function included(hash, m, size, path) {
  let [fn, sn] = [m, size - 1];
  for (const p of path) {
    if (sn === 0) throw new Error("the proof is too long");
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(p, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      hash = nodeHash(hash, p);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error("the proof is too short");
  return hash;
}

// continued computes both roots from a proof that the tree of n leaves continues that of m (RFC 9162 §2.1.4.2).
function continued(m, first, n, path) {
  if (Number.isInteger(Math.log2(m))) path = [first, ...path];
  let [fn, sn] = [m - 1, n - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [fr, sr] = [path[0], path[0]];
  for (const c of path.slice(1)) {
    if (sn === 0) throw new Error("the proof is too long");
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error("the proof is too short");
  return [fr, sr];
}

const bytes = (base64) => Buffer.from(base64, "base64");

const note = (await fetched("checkpoint", "text/plain; charset=utf-8")).toString();
const head = checkpoint(note, keys.map(verifierKey));
if (!(await mth(0, head.size, head.size)).equals(head.root)) throw new Error("the tiles are not the checkpoint's tree");
const path = await proof(index, 0, head.size, head.size);
if (!included(leafHash(Buffer.from(entry)), index, head.size, path).equals(head.root)) throw new Error("the entry is not in the tree");
if (given && !included(leafHash(Buffer.from(entry)), index, given.size, given.path.map(bytes)).equals(bytes(given.root))) {
  throw new Error("the proof is of something else");
}
if (continues) {
  const [before, now] = continued(continues.size, bytes(continues.root), head.size, continues.path.map(bytes));
  if (!before.equals(bytes(continues.root)) || !now.equals(head.root)) throw new Error("the tree does not continue the earlier one");
}
console.log(JSON.stringify({ size: head.size, root: head.root.toString("base64"), tiles: tiles.size }));
