#!/usr/bin/env bash
# npm express-oauth2-jwt-bearer 1.10.0 asks a DPoP client for Bearer when a scope is missing, though it takes no Bearer token.
#
# Expected: an API that requires DPoP answers insufficient_scope with `WWW-Authenticate: DPoP error="insufficient_scope"`, as it
#           answers a missing token (RFC 9449 §7.1: the scheme of the challenge is the one that the resource takes).
# Seen:     with `dpop: { required: true }` a missing token is challenged with DPoP only, and a Bearer token is refused. A token
#           without the scope, behind `requiredScopes`, is challenged with Bearer only. A client that goes by the challenge
#           tries a scheme that the same server refuses.
# Source:   npm packages express-oauth2-jwt-bearer 1.10.0, express 5.3.0, jose 6.2.18; RFC 6750 §3.1; RFC 9449 §7.1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit express-oauth2-jwt-bearer@1.10.0 express@5.3.0 jose@6.2.18 || { echo "could not install the packages" >&2; exit 2; }
cat >seen.mjs <<'JS'
import express from "express";
import { createHash, randomUUID } from "node:crypto";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";

const [server, device] = [await generateKeyPair("ES256"), await generateKeyPair("ES256")];
const jwk = await exportJWK(device.publicKey);
const app = express();
const http = app.listen(0, "127.0.0.1");
await new Promise((ready) => http.once("listening", ready));
const issuer = `http://127.0.0.1:${http.address().port}`;
app.get("/jwks", async (_, response) => response.json({ keys: [{ ...(await exportJWK(server.publicKey)), kid: "1", alg: "ES256", use: "sig" }] }));
app.use(auth({ issuer, jwksUri: `${issuer}/jwks`, audience: "letters", tokenSigningAlg: "ES256", dpop: { enabled: true, required: true } }));
app.get("/letters", requiredScopes("letters"), (_, response) => response.send("letters"));
app.use((error, _, response, next) => response.set(error.headers).status(error.status).end());

const token = (scope) => new SignJWT({ scope, cnf: { jkt: thumbprint } }).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "1" })
  .setIssuer(issuer).setAudience("letters").setSubject("anna").setIssuedAt().setExpirationTime("5m").setJti(randomUUID()).sign(server.privateKey);
const thumbprint = await calculateJwkThumbprint(jwk);
const proof = (access) => new SignJWT({ htm: "GET", htu: `${issuer}/letters`, jti: randomUUID(), ath: createHash("sha256").update(access).digest("base64url") })
  .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk }).setIssuedAt().sign(device.privateKey);
async function call(name, headers) {
  const answer = await fetch(`${issuer}/letters`, { headers });
  const challenge = answer.headers.get("www-authenticate");
  const schemes = challenge ? challenge.match(/\b(DPoP|Bearer)\b(?= )/g).join(" and ") : "none";
  console.log(`${name}: ${answer.status}, challenge ${schemes}`);
}
const [right, without] = [await token("letters"), await token("profile")];
await call("with the scope", { authorization: `DPoP ${right}`, dpop: await proof(right) });
await call("without a token", {});
await call("the same token as Bearer", { authorization: `Bearer ${right}` });
await call("without the scope", { authorization: `DPoP ${without}`, dpop: await proof(without) });
http.close();
JS
cat >expected <<'TXT'
with the scope: 200, challenge none
without a token: 401, challenge DPoP
the same token as Bearer: 400, challenge DPoP
without the scope: 403, challenge Bearer
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: express-oauth2-jwt-bearer 1.10.0 challenges with Bearer where a scope is missing."
