package signin

import (
	"context"
	"errors"
	"net/http"

	"countersign/handlers/web"
)

// errKeysTooOften says that the provider's keys were fetched a moment ago.
var errKeysTooOften = errors.New("the provider's keys were fetched too often")

// providerKeys bounds how often made-up tokens have the provider's keys fetched. So no
// limit by network is needed, which would keep out the provider's own logout tokens.
type providerKeys struct {
	app  *web.App
	p    *provider
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (k *providerKeys) RoundTrip(request *http.Request) (*http.Response, error) {
	address := request.URL.String()
	if found := k.p.found.Load(); found != nil && address == found.metadata.Keys && !k.app.MayFetchProviderKeys(address) {
		return nil, errKeysTooOften
	}
	response, err := k.next.RoundTrip(request)
	if status, ok := request.Context().Value(statusKey{}).(*int); ok && err == nil {
		*status = response.StatusCode
	}
	return response, err
}

type statusKey struct{}

// withStatus returns a context whose requests to the provider leave the status of the last
// answer there.
func withStatus(ctx context.Context) (context.Context, *int) {
	status := new(int)
	return context.WithValue(ctx, statusKey{}, status), status
}
