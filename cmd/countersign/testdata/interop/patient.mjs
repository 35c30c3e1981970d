// A phone made of openid-client alone that waits for days: patient.mjs ISSUER LOGIN_HINT SOFTWARE_ID.
// It lives by the test's clock: the library's timers end at once and are added up, and before each poll it prints how long
// it has waited and reads from its input what time it is then, in milliseconds since 1970.
import { createInterface } from 'node:readline'

const [issuer, loginHint, softwareId] = process.argv.slice(2)
const say = (step, facts) => console.log(JSON.stringify({ step, ...facts }))
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

let now = 0 // milliseconds since 1970
let waited = 0 // milliseconds since then
const readTime = async () => {
  now = Number((await input.next()).value)
  waited = 0
}
Date.now = () => now + waited
const realTimeout = globalThis.setTimeout
globalThis.setTimeout = (done, milliseconds, ...rest) => {
  if (!new Error().stack.includes('openid-client')) return realTimeout(done, milliseconds, ...rest) // of fetch itself
  waited += milliseconds
  return setImmediate(done)
}
const client = await import('openid-client')

await readTime()
const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
const config = await client.dynamicClientRegistration(new URL(issuer), {
  client_name: 'openid-client',
  software_id: softwareId,
  software_version: '6',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  response_types: [],
  token_endpoint_auth_method: 'private_key_jwt',
  dpop_bound_access_tokens: true,
  jwks: { keys: [{ kty, crv, x, y, alg: 'ES256', use: 'sig' }] },
}, client.PrivateKeyJwt(privateKey), {
  algorithm: 'oauth2',
  execute: [client.allowInsecureRequests], // loopback has no https; nothing else is relaxed
})
const authorization = await client.initiateDeviceAuthorization(config, { login_hint: loginHint, scope: 'profile' })
say('authorize', { user_code: authorization.user_code, interval: authorization.interval })

const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
config[client.customFetch] = async (url, init) => {
  say('waited', { seconds: waited / 1000 })
  await readTime()
  const response = await fetch(url, init)
  const { error } = await response.clone().json()
  say('poll', { status: response.status, error })
  return response
}
try {
  const tokens = await client.pollDeviceAuthorizationGrant(config, authorization, undefined, { DPoP })
  say('tokens', { token_type: tokens.token_type })
} catch (err) {
  say('ended', { error: err.error ?? err.message, status: err.status })
}
process.exit(0)
