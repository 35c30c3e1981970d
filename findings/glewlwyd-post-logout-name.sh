#!/usr/bin/env bash
# Debian glewlwyd 2.7.5 takes nobody back after signing out: its database has post_logout_redirect_uri, its code reads another name.
#
# Expected: a client whose post_logout_redirect_uri is set by the property that the package's own database declares, and that
#           sends a valid id_token_hint with that very address, is named to the sign-out page as the place to go back to
#           (OpenID Connect RP-Initiated Logout 1.0 §3).
# Seen:     the page is told of no such place, and nothing is logged. Only after a property post_logout_redirect_uris, in the
#           plural, was added to the client module's data-format by hand, and set, it is told (callback_url).
# Source:   Debian package glewlwyd 2.7.5-3+deb12u1, its /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz and OIDC.md.gz.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
for tool in glewlwyd sqlite3 jq curl openssl; do command -v "$tool" >/dev/null || missing+=" $tool"; done
# shellcheck disable=SC2086 # one word a package
[ -z "${missing:-}" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >log 2>&1 ||
  { cat log >&2; echo "could not install$missing" >&2; exit 2; }
glewlwyd --version 2>/dev/null | grep -q '2\.7\.5' || { echo "another glewlwyd is installed" >&2; exit 2; }

port=45931 api=http://127.0.0.1:45931/api back=http://127.0.0.1:45932/signed-out
zcat /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz | sqlite3 g.db
sed -e 's/#.*//' -e "s/^port=.*/port=$port/" -e "s|^external_url=.*|external_url=\"http://127.0.0.1:$port\"|" -e 's/^log_mode=.*/log_mode="console"/' \
  -e "s|@include.*|database = { type = \"sqlite3\"; path = \"$work/g.db\"; };|" /etc/glewlwyd/glewlwyd.conf >g.conf
echo 'bind_address="127.0.0.1"' >>g.conf
openssl genrsa -out key.pem 2048 2>/dev/null
openssl rsa -in key.pem -pubout -out public.pem 2>/dev/null

serve() {
  glewlwyd -c g.conf >>glewlwyd.log 2>&1 &
  echo $! >pid
  for _ in $(seq 100); do curl -s -o /dev/null "$api/auth/" && return; sleep 0.1; done
  cat glewlwyd.log >&2
  exit 2
}
send() { # send JAR METHOD PATH JSON
  curl -s -f -b "$1" -c "$1" -X "$2" "$api/$3" -H 'Content-Type: application/json' -d "$4" >answer || { cat answer >&2; exit 2; }
}
admin() { send admin.jar POST auth/ '{"username":"admin","password":"password"}'; }
client() { # client PROPERTY VALUE
  jq -n --arg back "$back" --argjson value "$2" --arg name "$1" '{client_id: "app", name: "app", confidential: true, enabled: true,
    client_secret: "a-secret-0123456789", redirect_uri: ["http://127.0.0.1:45932/callback"], authorization_type: ["code"],
    token_endpoint_auth_method: ["client_secret_basic"], scope: []} + {($name): $value}'
}
end_session() {
  curl -s -b user.jar -o /dev/null -w '%{redirect_url}\n' -G "$api/oidc/end_session" --data-urlencode "id_token_hint=$(cat id_token)" \
    --data-urlencode "post_logout_redirect_uri=$back" | grep -o 'callback_url=[^&]*' || echo "no callback_url"
}

serve
admin
send admin.jar POST mod/plugin/ "$(jq -n --rawfile key key.pem --rawfile public public.pem --arg iss "$api/oidc" '{module: "oidc", name: "oidc", display_name: "oidc",
  parameters: {iss: $iss, "jwt-type": "rsa", "jwt-key-size": "256", key: $key, cert: $public, "access-token-duration": 3600,
  "refresh-token-duration": 3600, "code-duration": 600, "refresh-token-rolling": true, "allow-non-oidc": true, "auth-type-code-enabled": true,
  "auth-type-token-enabled": false, "auth-type-id-token-enabled": false, "auth-type-none-enabled": false, "auth-type-password-enabled": false,
  "auth-type-client-enabled": false, "auth-type-device-enabled": false, "auth-type-refresh-enabled": true, "subject-type": "public",
  "session-management-allowed": true, "session-cookie-name": "SID", "session-cookie-expiration": 2419200}}')"
send admin.jar POST client/ "$(client post_logout_redirect_uri "\"$back\"")"
send admin.jar POST user/ '{"username":"olga","name":"Olga","email":"olga@example.org","password":"password","enabled":true,"scope":["openid"]}'
send user.jar POST auth/ '{"username":"olga","password":"password"}'
send user.jar PUT auth/grant/app '{"scope":"openid"}'
code=$(curl -s -b user.jar -c user.jar -o /dev/null -w '%{redirect_url}' \
  "$api/oidc/auth?response_type=code&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%3A45932%2Fcallback&scope=openid&state=a&nonce=n123456&g_continue" |
  sed 's/.*[?&]code=\([^&]*\).*/\1/')
curl -s -u app:a-secret-0123456789 "$api/oidc/token" -d grant_type=authorization_code -d "code=$code" \
  --data-urlencode redirect_uri=http://127.0.0.1:45932/callback | jq -r .id_token >id_token
[ "$(wc -c <id_token)" -gt 100 ] || { cat glewlwyd.log >&2; exit 2; }
echo "post_logout_redirect_uri, as declared: $(end_session)" | tee seen

kill "$(cat pid)"; wait "$(cat pid)" 2>/dev/null || true
sqlite3 g.db "UPDATE g_client_module_instance SET gcmi_parameters = json_set(gcmi_parameters,
  '\$.data-format.post_logout_redirect_uris', json('{\"multiple\":true,\"read\":true,\"write\":true}'))"
serve
admin
send admin.jar PUT client/app "$(client post_logout_redirect_uris "[\"$back\"]")"
echo "post_logout_redirect_uris, added: $(end_session)" | tee -a seen
cat >expected <<'TXT'
post_logout_redirect_uri, as declared: no callback_url
post_logout_redirect_uris, added: callback_url=http%3A%2F%2F127.0.0.1%3A45932%2Fsigned-out
TXT
diff expected seen && echo "As described: glewlwyd 2.7.5 reads a property that its own database does not declare."
