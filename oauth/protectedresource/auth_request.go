package protectedresource

import (
	"fmt"
	"net/http"
	"net/url"
)

// Headers between a proxy that asks and AuthRequest. The proxy sets the first two itself, over whatever its client sent.
const (
	HeaderOriginalMethod = "X-Original-Method" // of the request that is asked about
	HeaderOriginalURI    = "X-Original-URI"    // its path and query, as its client wrote them
	HeaderAccount        = "X-Account"         // of the answer: the token's sub
)

// AuthRequest answers a proxy that asks before it lets a request through, as nginx does for auth_request: 204 with
// HeaderAccount; 401, and 403 for a missing scope, with WWW-Authenticate; DPoP-Nonce beside each. What Protect answers by
// 400 is 401 here: to nginx any other status is a fault, which it tells its client as 500. A question that has not each
// of HeaderOriginalMethod and HeaderOriginalURI once is 500. Only the proxy should reach this handler.
func (r *Resource) AuthRequest(scopes ...string) http.Handler {
	protected := r.Protect(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		grant, _ := Of(request.Context())
		w.Header().Set(HeaderAccount, grant.Token.Subject)
		w.WriteHeader(http.StatusNoContent)
	}), scopes...)
	return http.HandlerFunc(func(w http.ResponseWriter, question *http.Request) {
		original, err := originalRequest(question)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		protected.ServeHTTP(deniedOrForbidden{w}, original)
	})
}

// originalRequest returns the request that a question is about, without its body.
func originalRequest(question *http.Request) (*http.Request, error) {
	method, address := question.Header.Values(HeaderOriginalMethod), question.Header.Values(HeaderOriginalURI)
	if len(method) != 1 || len(address) != 1 {
		return nil, fmt.Errorf("the proxy has to set %s and %s, each once", HeaderOriginalMethod, HeaderOriginalURI)
	}
	original := question.Clone(question.Context())
	original.Method, original.RequestURI, original.Body = method[0], address[0], http.NoBody
	var err error
	if original.URL, err = url.ParseRequestURI(address[0]); err != nil {
		return nil, fmt.Errorf("%s is no path of a request", HeaderOriginalURI)
	}
	return original, nil
}

// deniedOrForbidden writes 401 where 400 is said.
type deniedOrForbidden struct{ http.ResponseWriter }

func (w deniedOrForbidden) WriteHeader(status int) {
	if status == http.StatusBadRequest {
		status = http.StatusUnauthorized
	}
	w.ResponseWriter.WriteHeader(status)
}
