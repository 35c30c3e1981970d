"use strict";

// Everything that is signed with this phone's key. The types in the headers differ, so that
// one key serves all three uses and nothing passes for something else (RFC 8725 §3.11).
const keys = (() => {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const bytes = text => new TextEncoder().encode(text);
  const base64url = data => btoa(String.fromCharCode(...new Uint8Array(data)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const random = length => base64url(crypto.getRandomValues(new Uint8Array(length)));
  const seconds = () => Math.floor(Date.now() / 1000);

  // make makes a key that this browser can use and nobody can read.
  async function make() {
    const pair = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    return { key: pair.privateKey, jwk: { kty, crv, x, y } };
  }

  // sign makes a compact JWS (RFC 7515 §7.1) with ES256.
  async function sign(key, header, claims) {
    const input = [{ alg: "ES256", ...header }, claims].map(part => base64url(bytes(JSON.stringify(part)))).join(".");
    return `${input}.${base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes(input)))}`;
  }

  // assertion proves the client (RFC 7523 §3, RFC 10070); good for one request, and for
  // 4 of the 5 minutes that the server allows: clocks differ, and bad lines are slow.
  const assertion = (client, issuer) => sign(client.key, { typ: "client-authentication+jwt" }, {
    iss: client.id, sub: client.id, aud: issuer, jti: random(16), iat: seconds(), exp: seconds() + 240,
  });

  // proof is a DPoP proof (RFC 9449 §4.2), for the access token when there is one.
  async function proof(client, method, url, nonce, token) {
    const claims = { jti: random(16), htm: method, htu: url, iat: seconds() };
    if (nonce) claims.nonce = nonce;
    if (token) claims.ath = base64url(await crypto.subtle.digest("SHA-256", bytes(token)));
    return sign(client.key, { typ: "dpop+jwt", jwk: client.jwk }, claims);
  }

  // presence is the proof that this phone is at the counter, in its travelling form
  // (docs/presence-proof.md). It needs no network and is sent nowhere.
  async function presence(client, issuer, userCode) {
    const jwt = await sign(client.key, { typ: "presence+jwt" }, {
      iss: client.id, aud: issuer, user_code: userCode.replaceAll("-", ""),
      iat: seconds(), exp: seconds() + 60, jti: random(8),
    });
    const check = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(jwt))).slice(0, 4);
    return "PRES1" + base32([...bytes(jwt), ...check]);
  }

  // base32 is RFC 4648 §6 without padding.
  function base32(data) {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let text = "", bits = 0, value = 0;
    for (const byte of data) {
      value = value << 8 | byte;
      for (bits += 8; bits >= 5; bits -= 5) text += letters[value >> bits - 5 & 31];
      value &= 255;
    }
    return bits > 0 ? text + letters[value << 5 - bits & 31] : text;
  }

  return { make, assertion, proof, presence };
})();
