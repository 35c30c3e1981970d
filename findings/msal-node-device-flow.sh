#!/usr/bin/env bash
# npm @azure/msal-node 7.2.3 runs the device flow against any OpenID provider, at an address it guesses, and without a pause.
#
# Expected: in protocolMode OIDC it asks at the device_authorization_endpoint of the provider's metadata (RFC 8628 §4), waits
#           5 seconds between polls where the answer names no interval (§3.2), and 5 more after slow_down (§3.5).
# Seen:     the metadata's address is not used: "/token" in the token endpoint becomes "/devicecode", and an endpoint with another
#           name is asked for the device code itself. Without interval the next poll follows at once, over a hundred in a second.
#           slow_down ends the flow. All three go well with the one provider it was made for.
# Source:   npm package @azure/msal-node 7.2.3 (with @azure/msal-common); RFC 8628 §3.2, §3.5, §4.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit @azure/msal-node@7.2.3 || { echo "could not install @azure/msal-node@7.2.3" >&2; exit 2; }
cat >seen.mjs <<'JS'
import { PublicClientApplication, ProtocolMode } from "@azure/msal-node";

const issuer = "https://login.example";
const json = (status, body) => ({ status, headers: {}, body });

// connect runs one flow against a provider whose token endpoint and answers are given; the network is a function.
async function connect(tokenEndpoint, device, error, seconds) {
  const asked = [];
  const answer = (url) => {
    const path = new URL(url).pathname;
    if (path.endsWith("/.well-known/openid-configuration")) {
      return json(200, {
        issuer, authorization_endpoint: issuer + "/authorize", token_endpoint: issuer + tokenEndpoint, jwks_uri: issuer + "/jwks",
        device_authorization_endpoint: issuer + "/device_authorization",
      });
    }
    asked.push(path);
    return asked.length === 1 ? json(200, device) : json(400, { error });
  };
  const app = new PublicClientApplication({
    auth: { clientId: "phone", authority: issuer, knownAuthorities: ["login.example"] },
    system: {
      protocolMode: ProtocolMode.OIDC,
      networkClient: { sendGetRequestAsync: async (url) => answer(url), sendPostRequestAsync: async (url) => answer(url) },
    },
  });
  const request = { scopes: ["openid"], deviceCodeCallback() {} };
  setTimeout(() => (request.cancel = true), seconds * 1000);
  const end = await app.acquireTokenByDeviceCode(request).then(() => "token", (e) => e.errorMessage);
  return { asked, end };
}

const codes = { device_code: "d", user_code: "BCDF-GHJK", verification_uri: issuer + "/device", expires_in: 604800 };
for (const endpoint of ["/token", "/oauth2/access"]) {
  const { asked } = await connect(endpoint, { ...codes, interval: 1 }, "access_denied", 5);
  console.log(`token endpoint ${endpoint}: the device code is asked for at ${asked[0]}`);
}
const hasty = await connect("/token", codes, "authorization_pending", 1);
console.log(`no interval: ${hasty.asked.length > 100 ? "over a hundred" : hasty.asked.length} requests in a second`);
const slow = await connect("/token", { ...codes, interval: 1 }, "slow_down", 30);
console.log(`slow_down: ${slow.end}, after ${slow.asked.length - 1} poll`);
JS
cat >expected <<'TXT'
token endpoint /token: the device code is asked for at /devicecode
token endpoint /oauth2/access: the device code is asked for at /oauth2/access
no interval: over a hundred requests in a second
slow_down: slow_down, after 1 poll
TXT
node seen.mjs | tee seen
diff expected seen && echo "As described: msal-node 7.2.3 guesses the address, and polls without a pause or not at all."
