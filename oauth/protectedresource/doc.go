// Package protectedresource is the API's side: it lets requests in by the DPoP-bound access tokens of an issuer
// (RFC 9068, RFC 9449), and refuses others with a challenge that says why (RFC 6750 §3).
//
//	resource.go      what a request must bring: token, proof, nonce, each proof once
//	protect.go       net/http middleware: scopes, refusals, and what the handler reads of the grant
//	remote.go        the issuer's keys, read and kept
//	auth_request.go  the same for a proxy that asks first, such as nginx
//
// It asks the issuer for its keys alone. A token is good until its end, 10 minutes unless the issuer is set otherwise,
// also when its binding is ended meanwhile: an API for which that is too long asks the issuer (RFC 7662).
//
// # Example
//
//	letters := &protectedresource.Resource{
//		Issuer: "https://id.example.org", Audience: "https://letters.example.org",
//		Keys:   protectedresource.Remote("https://id.example.org", nil, nil),
//		Nonces: &oauth.Nonces{Key: key}, // 32 random bytes, the same in each process
//	}
//	http.Handle("GET /letters", letters.Protect(list, "letters"))
//
// The handler reads who it is about:
//
//	grant, _ := protectedresource.Of(request.Context())
//	account := grant.Token.Subject
package protectedresource
