#!/usr/bin/env bash
# npm oidc-provider 9.13.3 has the error slow_down, and never answers a hasty device with it.
#
# Expected: the device flow names the interval, or has RFC 8628's 5 seconds, and answers polls that come faster with
#           slow_down (RFC 8628 §3.5); so a device's slow_down branch can be tried against it.
# Seen:     no interval is named, and twenty polls in a row are each answered with authorization_pending. The
#           package exports an error class for slow_down, and throws it nowhere.
# Source:   npm package oidc-provider 9.13.3 with the device flow switched on; RFC 8628 §3.2 and §3.5.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-fund --no-audit oidc-provider@9.13.3 || { echo "could not install oidc-provider@9.13.3" >&2; exit 2; }
cat >seen.mjs <<'JS'
import Provider, { errors } from "oidc-provider";

const grantType = "urn:ietf:params:oauth:grant-type:device_code";
const provider = new Provider("http://127.0.0.1", {
  clients: [{ client_id: "app", token_endpoint_auth_method: "none", grant_types: [grantType], response_types: [], redirect_uris: [] }],
  features: { deviceFlow: { enabled: true } },
});
const server = provider.listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const post = async (path, form) => {
  const address = `http://127.0.0.1:${server.address().port}${path}`;
  return (await fetch(address, { method: "POST", body: new URLSearchParams(form) })).json();
};

const device = await post("/device/auth", { client_id: "app", scope: "openid" });
const answers = new Set();
const start = Date.now();
for (let poll = 0; poll < 20; poll++) {
  answers.add((await post("/token", { client_id: "app", grant_type: grantType, device_code: device.device_code })).error);
}
console.log(`SEEN exported error: ${new errors.SlowDown().error}`);
console.log(`SEEN interval: ${device.interval}`);
console.log(`SEEN 20 polls, faster than one in 5 seconds: ${Date.now() - start < 19 * 5000}, answers: ${[...answers].join(", ")}`);
process.exit(0);
JS
cat >expected <<'TXT'
exported error: slow_down
interval: undefined
20 polls, faster than one in 5 seconds: true, answers: authorization_pending
TXT
node --no-warnings seen.mjs 2>log | sed -n 's/^SEEN //p' | tee seen
diff expected seen && echo "As described: oidc-provider 9.13.3 never says slow_down."
