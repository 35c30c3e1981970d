// A phone made of openid-client alone: device.mjs ISSUER LOGIN_HINT SOFTWARE_ID ALGORITHM, one of
// ES256 and Ed25519 (RFC 9864), which all its keys are for.
// Each step prints one line of JSON; what goes wrong ends it with exit code 1.
import * as client from 'openid-client'

const [issuer, loginHint, softwareId, alg] = process.argv.slice(2)
const say = (step, facts) => console.log(JSON.stringify({ step, ...facts }))

// RFC 8414 and RFC 7591, with a key of this instance's own. From here on the library
// authenticates by itself with private_key_jwt (RFC 7523), its audience the issuer.
const { publicKey, privateKey } = await crypto.subtle.generateKey(alg === 'Ed25519' ? alg : { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
const config = await client.dynamicClientRegistration(new URL(issuer), {
  client_name: 'openid-client',
  software_id: softwareId,
  software_version: '6',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  response_types: [],
  token_endpoint_auth_method: 'private_key_jwt',
  dpop_bound_access_tokens: true,
  jwks: { keys: [{ kty, crv, x, y, alg, use: 'sig' }] },
}, client.PrivateKeyJwt(privateKey), {
  algorithm: 'oauth2',
  execute: [client.allowInsecureRequests], // loopback has no https; nothing else is relaxed
})
const server = config.serverMetadata()
say('discover', { issuer: server.issuer, device_authorization_endpoint: server.device_authorization_endpoint })
const { client_id, token_endpoint_auth_method } = config.clientMetadata()
say('register', { client_id, token_endpoint_auth_method })

// RFC 8628 §3.1. Login_hint and instance_name are parameters like any other.
const authorization = await client.initiateDeviceAuthorization(config, {
  login_hint: loginHint, instance_name: 'Node in the test', scope: 'profile',
})
say('authorize', {
  user_code: authorization.user_code, verification_uri: authorization.verification_uri,
  expires_in: authorization.expires_in, interval: authorization.interval,
})

// RFC 8628 §3.4 with DPoP (RFC 9449).
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg))
let polls = 0
let nonces = 0 // how often the server asked for its nonce (§8): the library answers by itself, and that is no poll
config[client.customFetch] = async (url, init) => {
  const response = await fetch(url, init)
  if (new URL(url).pathname === '/token') {
    const { error } = await response.clone().json()
    if (error === 'use_dpop_nonce') nonces++
    else say('poll', { number: ++polls, status: response.status, error })
  }
  return response
}
const tokens = await client.pollDeviceAuthorizationGrant(config, authorization, undefined, { DPoP })
say('tokens', { token_type: tokens.token_type, expires_in: tokens.expires_in, scope: tokens.scope, refreshable: Boolean(tokens.refresh_token), nonces })
config[client.customFetch] = undefined

const whoami = async (token) => {
  const response = await client.fetchProtectedResource(config, token, new URL('/api/whoami', issuer), 'GET', undefined, undefined, { DPoP })
  return response.json()
}
say('call', await whoami(tokens.access_token))

const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
say('refresh', {
  token_type: renewed.token_type, another_access_token: renewed.access_token !== tokens.access_token,
  another_refresh_token: renewed.refresh_token !== undefined && renewed.refresh_token !== tokens.refresh_token,
})
say('call again', await whoami(renewed.access_token))

const { active, client_id: owner, token_type, cnf, sub } = await client.tokenIntrospection(config, renewed.access_token)
say('introspect', { active, client_id: owner, token_type, sub, bound: cnf?.jkt === await DPoP.calculateThumbprint() })

await client.tokenRevocation(config, tokens.refresh_token)
say('revoke', {})
say('introspect again', await client.tokenIntrospection(config, renewed.access_token))
try {
  await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  say('refresh again', { error: 'none' })
} catch (err) {
  say('refresh again', { error: err.error, status: err.status })
}
try {
  await whoami(renewed.access_token)
  say('call after all', { status: 200 })
} catch (err) {
  say('call after all', { status: err.status, code: err.code })
}
