package signin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"countersign/handlers/traces"
	"countersign/handlers/web"
	"countersign/oauth"
)

// errKeysTooOften says that the provider's keys were fetched a moment ago.
var errKeysTooOften = errors.New("the provider's keys were fetched too often")

// providerKeys bounds how often made-up tokens have the provider's keys fetched. So no
// limit by network is needed, which would keep out the provider's own logout tokens. It passes
// on the keys that can be read here.
type providerKeys struct {
	app  *web.App
	p    *provider
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (k *providerKeys) RoundTrip(request *http.Request) (*http.Response, error) {
	address, found := request.URL.String(), k.p.found.Load()
	forKeys := found != nil && address == found.metadata.Keys
	if forKeys && !k.app.MayFetchProviderKeys(address) {
		return nil, errKeysTooOften
	}
	response, err := k.ask(request)
	if err != nil {
		return nil, err
	}
	if status, ok := request.Context().Value(statusKey{}).(*int); ok {
		*status = response.StatusCode
	}
	if forKeys {
		err = withoutForeignKeys(response)
	}
	return response, err
}

// ask sends a request, and tells how long the answer took.
func (k *providerKeys) ask(request *http.Request) (*http.Response, error) {
	asked := traces.Asked{Span: "provider: " + k.p.purpose(request.URL.String()), Method: request.Method, Server: request.URL.Hostname()}
	_, end := k.app.Traces.Ask(request.Context(), asked)
	response, err := k.next.RoundTrip(request)
	switch {
	case err != nil:
		end(0, "no answer")
	case response.StatusCode >= http.StatusBadRequest:
		end(response.StatusCode, strconv.Itoa(response.StatusCode))
	default:
		end(response.StatusCode, "")
	}
	return response, err
}

// purpose is what an address of the provider is for, in a word of ours.
func (p *provider) purpose(address string) string {
	found := p.found.Load()
	switch {
	case found == nil:
		return "metadata"
	case address == found.metadata.Keys:
		return "keys"
	case address == found.oauth.Endpoint.TokenURL:
		return "token"
	case address == found.oidc.UserInfoEndpoint():
		return "userinfo"
	}
	return "metadata"
}

// longestKeys bounds what is read of a provider's keys, in bytes.
const longestKeys = 1 << 20

// withoutForeignKeys leaves of a JWK Set the keys that can verify a signature here (RFC 7517 §5): to go-oidc one key that
// it cannot read spoils the whole set. What is no set stays as it came, for go-oidc to refuse.
func withoutForeignKeys(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, longestKeys))
	response.Body.Close()
	if err != nil {
		return err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) == nil && set.Keys != nil {
		for i := range set.Keys {
			set.Keys[i] = withoutCertificates(set.Keys[i])
		}
		set.Keys = slices.DeleteFunc(set.Keys, func(key json.RawMessage) bool { return !oauth.VerifiesSignatures(key) })
		if body, err = json.Marshal(set); err != nil {
			return err
		}
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response.Header.Del("Content-Length")
	return nil
}

// withoutCertificates leaves out of a key what is not looked at here, so that nothing of it can be wrong (RFC 7517 §4.6 to
// §4.9).
func withoutCertificates(key json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(key, &members) != nil {
		return key
	}
	for _, name := range []string{"x5u", "x5c", "x5t", "x5t#S256"} {
		delete(members, name)
	}
	bare, err := json.Marshal(members)
	if err != nil {
		return key
	}
	return bare
}

type statusKey struct{}

// withStatus returns a context whose requests to the provider leave the status of the last
// answer there.
func withStatus(ctx context.Context) (context.Context, *int) {
	status := new(int)
	return context.WithValue(ctx, statusKey{}, status), status
}
