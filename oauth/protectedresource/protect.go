package protectedresource

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"countersign/oauth"
)

type grantKey struct{}

// Of returns what the request of this context is allowed by, where Protect let it in.
func Of(ctx context.Context) (Grant, bool) {
	grant, ok := ctx.Value(grantKey{}).(Grant)
	return grant, ok
}

// Protect lets requests in whose token has all these scopes, and refuses others with the challenge of RFC 9449 §7.1:
// 401, 400 for what cannot be understood, 403 for a missing scope. A fault of ours is 503, and says nothing.
func (r *Resource) Protect(next http.Handler, scopes ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		grant, err := r.Check(request)
		if grant.Nonce != "" {
			w.Header().Set(oauth.HeaderDPoPNonce, grant.Nonce)
		}
		if err == nil {
			err = lacks(grant.Token, scopes)
		}
		if err != nil {
			refuse(w, err, scopes)
			return
		}
		next.ServeHTTP(w, request.WithContext(context.WithValue(request.Context(), grantKey{}, grant)))
	})
}

func lacks(token oauth.AccessToken, scopes []string) error {
	held := strings.Fields(token.Scope)
	for _, scope := range scopes {
		if !slices.Contains(held, scope) {
			return oauth.Errorf(oauth.ErrInsufficientScope, "the access token has not the scope %s", scope)
		}
	}
	return nil
}

func refuse(w http.ResponseWriter, err error, scopes []string) {
	refusal, refused := errors.AsType[*oauth.Error](err)
	if !refused && !errors.Is(err, ErrNoToken) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, scope := map[string]string{}, ""
	if refused {
		body["error"], body["error_description"] = refusal.Code, refusal.Description
		if refusal.Code == oauth.ErrInsufficientScope {
			scope = strings.Join(scopes, " ")
		}
	}
	challenge, status := oauth.DPoPChallenge(refusal, scope)
	header := w.Header()
	header.Set("WWW-Authenticate", challenge)
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who has hung up reads nothing
}
