#!/usr/bin/env bash
# npm openid-client 6.9.0 gives up at once on a device code that lives 25 days.
#
# Expected: a device code with "expires_in": 2160000 (25 days) is polled until the user has decided. RFC 8628 §3.2 gives
#           expires_in in seconds and sets no upper bound, and the longer life is the easier case.
# Seen:     the polling ends after some milliseconds, as timed out, and the token endpoint is never asked. 24 days work.
#           The whole life is given to one timer of Node's, which holds 2^31-1 milliseconds (24.8 days) and counts more as 1.
# Source:   npm package openid-client 6.9.0 on Node 20; RFC 8628 §3.2.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit openid-client@6.9.0 || { echo "could not install openid-client@6.9.0" >&2; exit 2; }
cat >seen.mjs <<'JS'
import * as client from "openid-client";
import http from "node:http";

let asked = 0;
const server = http.createServer((_, response) => {
  asked++;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ access_token: "token", token_type: "bearer" }));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const config = new client.Configuration({ issuer, token_endpoint: `${issuer}/token` }, "app", undefined, client.None());
client.allowInsecureRequests(config);

for (const days of [24, 25]) {
  asked = 0;
  const device = {
    device_code: "device", user_code: "BCDF-GHJK", verification_uri: `${issuer}/device`,
    interval: 1, expires_in: days * 24 * 60 * 60,
  };
  const end = await client.pollDeviceAuthorizationGrant(config, device).then(() => "token", (error) => error.code);
  console.log(`${days} days: ${end}, token endpoint asked ${asked} times`);
}
server.close();
JS
cat >expected <<'TXT'
24 days: token, token endpoint asked 1 times
25 days: OAUTH_TIMEOUT, token endpoint asked 0 times
TXT
node --no-warnings seen.mjs | tee seen
diff expected seen && echo "As described: openid-client 6.9.0 never asks for a code that lives 25 days."
