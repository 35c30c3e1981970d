// A phone made of openid-client in a browser, whose page is of another origin than the server:
// browser.html#ISSUER LOGIN_HINT SOFTWARE_ID. What it sees stands in window.said, step by step.
import * as client from 'openid-client'

const [issuer, loginHint, softwareId] = decodeURIComponent(location.hash.slice(1)).split(' ')
window.said = {}
const say = (step, facts) => { window.said[step] = facts }

try {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const config = await client.dynamicClientRegistration(new URL(issuer), {
    client_name: 'A page of another origin', software_id: softwareId, software_version: '1',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], response_types: [],
    token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true, jwks: { keys: [{ kty, crv, x, y }] },
  }, client.PrivateKeyJwt(privateKey), { algorithm: 'oauth2', execute: [client.allowInsecureRequests] })
  say('register', { clientId: config.clientMetadata().client_id })

  const refused = await fetch(new URL('/token', issuer), { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) })
  say('refused', { status: refused.status, challenge: refused.headers.get('WWW-Authenticate'), date: refused.headers.get('Date') })

  const authorization = await client.initiateDeviceAuthorization(config, { login_hint: loginHint, scope: 'profile' })
  say('authorize', { userCode: authorization.user_code })
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) // reads DPoP-Nonce of each answer
  const tokens = await client.pollDeviceAuthorizationGrant(config, authorization, undefined, { DPoP })
  const whoami = await client.fetchProtectedResource(config, tokens.access_token, new URL('/api/whoami', issuer), 'GET', undefined, undefined, { DPoP })
  say('connected', { clientId: (await whoami.json()).client_id })
} catch (error) {
  say('error', { message: String(error), cause: String(error.cause) })
}
