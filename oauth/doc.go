// Package oauth holds the protocol's rules as pure functions: what a request must look like, what a proof must
// prove, what a poll is answered. It speaks no HTTP, knows no SQL and imports nothing of ours; handlers carry
// requests to it, models keep what it decides. The clock, randomness and keys come in as arguments.
//
// The way of a device authorization (RFC 8628) through this package:
//
//	registration          ParseClientMetadata, ReadFetchedKeys    client_metadata.go, client_metadata_types.go,  RFC 7591
//	                                                              client_key.go, jwks_uri.go, registering_key.go
//	                      VerifySoftwareStatement                 software_statement.go     RFC 7591 §2.3
//	its management        CheckClientUpdate                       client_configuration.go   RFC 7592
//	discovery             NewServerMetadata                       server_metadata.go        RFC 8414
//	any client request    ReadParameters                          parameters.go             RFC 6749 §3.2
//	                      ReadClientAuthentication, then          client_authentication.go  RFC 7521 §4.2
//	                      VerifyClientAssertion                   client_assertion.go       RFC 7523 §3, RFC 10070
//	                      VerifyDPoPProof                         dpop.go, nonce.go         RFC 9449 §4.3
//	                      ReplayMemory                            replay.go, flat.go        RFC 7523 §3, RFC 9449 §11.1
//	                      Resources.Requested, Resources.Chosen   resource.go               RFC 8707
//	device authorization  ReadLoginHint, ReadInstance, ParseScope login_hint.go, instance.go, scope.go
//	                      NewDeviceCode, NewUserCode              device_code.go, user_code.go  RFC 8628 §6.1
//	                      PollLoad, then PollInterval             interval.go               RFC 8628 §3.2
//	match at the counter  ParseUserCode                           user_code.go
//	                      ParsePresenceProof, VerifyPresenceProof presence.go               docs/presence-proof.md
//	poll                  Pacer, then Verdict                     pacing.go, poll.go        RFC 8628 §3.5
//	                      IsToldReason                            decline_reason.go
//	redemption            SignAccessToken, NewRefreshToken        access_token.go, refresh_token.go  RFC 9068
//	use of a token        VerifyAccessToken, Introspection        access_token.go, introspection.go  RFC 7662
//	                      SignIntrospection                       introspection_jwt.go      RFC 9701
//	                      DPoPChallenge                           challenge.go              RFC 9449 §7.1
//	any JWT               read plainly, or else by go-jose        jwt.go, plain_jwt.go, plain_json.go, algorithms.go  RFC 7515
//	any refusal           Error                                   errors.go                 RFC 6749 §5.2
//	text for people       CheckName, CheckLabel, CheckNote        text.go
//
// Functions that judge what a stranger sent return *Error, a protocol error with its wire code: compare it with nil
// before storing it in a variable of type error. Descriptions name parameters and rules, never the values sent.
//
// The reference phone is the package oauth/deviceclient, the guard of an API oauth/protectedresource.
package oauth
