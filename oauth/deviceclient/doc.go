// Package deviceclient is the phone's side of the OAuth 2.0 Device
// Authorization Grant (RFC 8628), for a device that is connected to an account
// by staff at a counter, days after it asked.
//
// It is complete in itself: it imports nothing of Countersign and speaks to any
// authorization server that offers dynamic registration (RFC 7591),
// private_key_jwt (RFC 7523, RFC 10070) and DPoP (RFC 9449).
//
// # The way of a request
//
//	Discover              RFC 8414  reads the metadata; the issuer must match exactly
//	Register              RFC 7591  makes a P-256 key and a client instance for it
//	RequestAuthorization  RFC 8628 §3.1  device code and user code for one account
//	WaitForTokens         RFC 8628 §3.4, §3.5  asks until the counter has decided
//	Poll                  the same, one question
//	Presence              a proof, made offline, that this phone is at the counter; shown as a QR code
//	Call                  RFC 9449 §7  calls an API with the access token
//	Refresh               RFC 6749 §6  a new access token; Call does it when needed
//	Revoke                RFC 7009  ends the connection from this side
//	Deregister            RFC 7592  deletes the client instance, and forgets its key
//
// Each step that needs the metadata reads it by itself, so Discover is only
// for those who want to see an unreachable issuer early.
//
// # One key
//
// An instance has one key. It signs the client assertions and the DPoP proofs:
// both bind to the same installation, and one key is one thing to keep safe.
// The two uses cannot be confused, because the types in the headers differ
// (client-authentication+jwt, dpop+jwt, presence+jwt).
//
// # What is kept
//
// State is everything that has to survive a restart. The client calls Save each
// time it changes; FileState keeps it in a file that only its owner can read.
// State holds the private key, codes and tokens: its secret members print as
// "[secret]" with any verb of fmt and in slog, and no error of this package
// contains one. encoding/json does write them: that is how they are saved.
//
// # Time
//
// Assertions and proofs are judged by the server's clock. Where they are refused and the
// answer's Date is another time than this phone's, the phone signs by that from then on
// (State.ClockOffset) and asks once more. Waits and deadlines stay spans of its own clock.
//
// # Example
//
// phone is a Client with its Issuer. It begins, or goes on where the app was stopped.
// docs/apps.md has the same for an app in another language, request by request.
//
//	file := deviceclient.FileState{Path: keptAt}
//	state, err := file.Load()
//	if err != nil {
//		return err
//	}
//	phone.State, phone.Save = state, file.Save
//	if err := phone.Register(ctx, deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}); err != nil {
//		return err
//	}
//	if phone.State.Authorization == nil && phone.State.Tokens == nil {
//		err := phone.RequestAuthorization(ctx, deviceclient.Request{LoginHint: "anna@example.org", InstanceName: "Anna's phone"})
//		if err != nil {
//			return err
//		}
//	}
//	if phone.State.Tokens == nil {
//		fmt.Println("Show this at the counter:", phone.State.Authorization.UserCode.Reveal())
//		if err := phone.WaitForTokens(ctx); err != nil {
//			return err
//		}
//	}
//	answer, err := phone.Call(ctx, http.MethodGet, phone.Issuer+"/api/whoami")
//	if err != nil {
//		return err
//	}
//	fmt.Println("The API answers", answer.Status)
//	return answer.Body.Close()
package deviceclient
