#!/usr/bin/env bash
# npm openid-client 6.9.0 ends a device's sign-in when a busy server says "try again" with the date of now, or with 429.
#
# Expected: a poll answered 503 or 429 with Retry-After is put off, and the next one gets the token. Retry-After is a number
#           of seconds or an HTTP-date (RFC 9110 §10.2.3), and may come with 429 (RFC 6585 §4). An HTTP-date has whole
#           seconds, so "now" is always a little past when it is read: it means what 0 seconds means.
# Seen:     503 with seconds, 0 too, and with a later date is waited for. The date of now, and any 429 of a gateway, end the
#           polling with an error, and the user starts again.
# Source:   npm package openid-client 6.9.0; RFC 9110 §10.2.3; RFC 6585 §4.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit openid-client@6.9.0 || { echo "could not install openid-client@6.9.0" >&2; exit 2; }
cat >seen.mjs <<'JS'
import * as client from "openid-client";
import http from "node:http";

let busy, asked;
const server = http.createServer((_, response) => {
  asked++;
  const [status, retryAfter] = asked === 1 ? busy : [200];
  if (retryAfter) response.setHeader("retry-after", retryAfter());
  response.writeHead(status, { "content-type": "application/json" });
  response.end(status === 200 ? JSON.stringify({ access_token: "token", token_type: "bearer" }) : "{}");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const config = new client.Configuration({ issuer, token_endpoint: `${issuer}/token` }, "app", undefined, client.None());
client.allowInsecureRequests(config);
const device = { device_code: "device", user_code: "BCDF-GHJK", verification_uri: `${issuer}/device`, interval: 1, expires_in: 600 };

const date = (seconds) => () => new Date(Date.now() + seconds * 1000).toUTCString();
const answers = {
  "503, 1 second": [503, () => "1"],
  "503, 0 seconds": [503, () => "0"],
  "503, the date in 4 seconds": [503, date(4)],
  "503, the date of now": [503, date(0)],
  "429, 1 second": [429, () => "1"],
};
for (const [name, answer] of Object.entries(answers)) {
  [busy, asked] = [answer, 0];
  const end = await client.pollDeviceAuthorizationGrant(config, device).then(() => "token", (error) => error.message);
  console.log(`${name}: ${end}, asked ${asked} times`);
}
server.close();
JS
cat >expected <<'TXT'
503, 1 second: token, asked 2 times
503, 0 seconds: token, asked 2 times
503, the date in 4 seconds: token, asked 2 times
503, the date of now: invalid Retry-After header value, asked 1 times
429, 1 second: unexpected HTTP response status code, asked 1 times
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: openid-client 6.9.0 gives up at a date of now and at 429."
