// An OpenID Provider that nobody here wrote: provider.mjs REDIRECT_URI CLIENT_SECRET
// It prints its issuer and serves until it is killed. Whatever name somebody signs in with
// is who they are, except that only people of the house are in a group.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [redirectURI, clientSecret] = process.argv.slice(2)

const people = {
  'ingrid': { name: 'Ingrid Solberg', email: 'ingrid.solberg@ferry.example', groups: ['front-desk', 'choir'] },
  'visitor': { name: 'Vito Visitor', email: 'vito@elsewhere.example', groups: ['choir'] },
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'console', client_secret: clientSecret, redirect_uris: [redirectURI],
      grant_types: ['authorization_code'], response_types: ['code'],
      post_logout_redirect_uris: [new URL('/sign-in', redirectURI).href],
      backchannel_logout_uri: new URL('/sign-in/backchannel-logout', redirectURI).href, backchannel_logout_session_required: true,
    }],
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
    findAccount: async (_, sub) => people[sub] && { accountId: sub, claims: async () => ({ sub, ...people[sub] }) },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, userinfo: { enabled: true }, backchannelLogout: { enabled: true } },
    cookies: { keys: ['only for this test'] },
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }), // the console is on loopback, which the default refuses
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
