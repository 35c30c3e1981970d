// A phone and an API made of oauth4webapi alone: webapi.mjs ISSUER LOGIN_HINT SOFTWARE_ID RESOURCE API_CLIENT_ID API_KEY
// API_KEY is a file with the API's private JWK. Each step prints one line of JSON; what goes wrong ends it with exit code 1.
import { readFile } from 'node:fs/promises'
import * as oauth from 'oauth4webapi'

const [issuer, loginHint, softwareId, resource, apiId, apiKeyFile] = process.argv.slice(2)
const say = (step, facts) => console.log(JSON.stringify({ step, ...facts }))
const loopback = { [oauth.allowInsecureRequests]: true } // loopback has no https; nothing else is relaxed
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const refusal = async (promise) => promise.then(() => ({ error: 'none' }), (err) => ({
  error: err.error ?? err.cause?.[0]?.parameters?.error, scheme: err.cause?.[0]?.scheme, status: err.status ?? err.response?.status,
}))

// RFC 8414
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...loopback, algorithm: 'oauth2' }))
say('discover', { issuer: as.issuer, introspection_algs: as.introspection_signing_alg_values_supported?.join(' ') })

// RFC 7591
const own = await oauth.generateKeyPair('ES256')
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', own.publicKey)
const client = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(as, {
  client_name: 'oauth4webapi', software_id: softwareId, software_version: '3',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], response_types: [],
  token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true,
  jwks: { keys: [{ kty, crv, x, y, alg: 'ES256', use: 'sig' }] },
}, loopback))
say('register', { client_id: client.client_id })

// RFC 7523, and RFC 10070: the library's audience is the issuer.
const auth = oauth.PrivateKeyJwt(own.privateKey)

// RFC 9449 §8: the library keeps the server's nonces; asking again is the caller's part.
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256', { extractable: true }))
let nonces = 0
const withNonce = async (request) => {
  try {
    return await request()
  } catch (err) {
    if (!oauth.isDPoPNonceError(err)) throw err
    nonces++
    return request()
  }
}

// RFC 8628 §3.1 for two resources (RFC 8707)
const parameters = new URLSearchParams({ login_hint: loginHint, instance_name: 'oauth4webapi in the test', scope: 'profile' })
parameters.append('resource', new URL('/api', issuer).href)
parameters.append('resource', resource)
const asked = await oauth.processDeviceAuthorizationResponse(as, client, await oauth.deviceAuthorizationRequest(as, client, auth, parameters, loopback))
say('authorize', { user_code: asked.user_code, expires_in: asked.expires_in, interval: asked.interval })

// RFC 8628 §3.4
const poll = async () => oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(as, client, auth, asked.device_code, { ...loopback, DPoP }))
let tokens
for (let number = 1; !tokens; number++) {
  try {
    tokens = await withNonce(poll)
    say('poll', { number, error: '' })
  } catch (err) {
    if (!(err instanceof oauth.ResponseBodyError)) throw err
    say('poll', { number, error: err.error, status: err.status })
    if (err.error !== 'authorization_pending') throw err
    await new Promise((resolve) => setTimeout(resolve, asked.interval * 1000))
  }
}
say('tokens', { token_type: tokens.token_type, expires_in: tokens.expires_in, scope: tokens.scope, refreshable: Boolean(tokens.refresh_token), nonces })

// RFC 9449 §7
const whoami = async (token) => oauth.protectedResourceRequest(token, 'GET', new URL('/api/whoami', issuer), undefined, undefined, { ...loopback, DPoP })
say('call', await (await withNonce(() => whoami(tokens.access_token))).json())

// RFC 6749 §6, for the other resource (RFC 8707 §2.2)
const refresh = async (to) => oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, {
  ...loopback, DPoP, additionalParameters: to ? { resource: to } : {},
}))
const other = await withNonce(() => refresh(resource))
say('refresh', { token_type: other.token_type, scope: other.scope, another: other.access_token !== tokens.access_token })
say('wrong resource', await refusal(withNonce(() => refresh('https://elsewhere.example'))))
say('wrong audience', await refusal(withNonce(() => whoami(other.access_token))))

// RFC 7662 and RFC 9701, as the phone and as the API behind the resource
const introspect = async (who, whoAuth, token, requestJwtResponse) => {
  const response = await oauth.introspectionRequest(as, who, whoAuth, token, { ...loopback, requestJwtResponse })
  const facts = await oauth.processIntrospectionResponse(as, who, response)
  if (requestJwtResponse) await oauth.validateApplicationLevelSignature(as, response, loopback)
  return { active: facts.active, aud: facts.aud, client_id: facts.client_id, sub: facts.sub, bound: facts.cnf && facts.cnf.jkt === await DPoP.calculateThumbprint(),
    type: oauth.getContentType(response) }
}
const api = { client_id: apiId }
const apiAuth = oauth.PrivateKeyJwt(await crypto.subtle.importKey('jwk', JSON.parse(await readFile(apiKeyFile, 'utf8')), algorithm, false, ['sign']))
say('phone introspects', await introspect(client, auth, tokens.access_token, false))
say('phone introspects a JWT', await introspect(client, auth, tokens.access_token, true))
say('API introspects', await introspect(api, apiAuth, other.access_token, false))
say('API introspects a JWT', await introspect(api, apiAuth, other.access_token, true))
say('not for the API', await introspect(api, apiAuth, tokens.access_token, true))

// RFC 7009
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, tokens.refresh_token, loopback))
say('revoke', {})
say('API introspects again', await introspect(api, apiAuth, other.access_token, true))
say('refresh again', await refusal(withNonce(() => refresh())))
say('call again', await refusal(withNonce(() => whoami(tokens.access_token))))
