package signin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/views"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// docs/protocol.md §6 logout-flood: whoever sends made-up logout tokens all the time, also
// from the provider's own address, keeps no logout of the provider out, and has the
// provider's keys fetched no more often than the limit allows.
func TestMadeUpLogoutTokensKeepNoLogoutOut(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	var fetched atomic.Int32
	count := func(answer *http.Response) error {
		if strings.Contains(answer.Request.URL.Path, "jwks") {
			fetched.Add(1)
		}
		return nil
	}
	s := handlerstest.Start(t, handlerstest.Config{Limits: limits.Default, Staff: web.StaffProvider{
		Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
		HTTP: &http.Client{Timeout: time.Minute, Transport: changing(count)},
	}})
	signedIn(t, provider, s)
	other, err := mockoidc.RandomKeypair(2048)
	if err != nil {
		t.Fatal(err)
	}
	foreign := logoutTokenBy(t, other, provider, s, func(jwt.MapClaims) {})
	for range 300 {
		if answer := postLogout(t, s, foreign); answer.Status != http.StatusBadRequest {
			t.Fatalf("a made-up token: %d", answer.Status)
		}
		postLogout(t, s, url.Values{"logout_token": {"x.y.z"}})
	}
	if n := fetched.Load(); n == 0 || n > 12 {
		t.Errorf("the keys were fetched %d times", n)
	}
	if answer := postLogout(t, s, logoutToken(t, provider, s, func(jwt.MapClaims) {})); answer.Status != http.StatusOK {
		t.Errorf("the provider's own token: %d %s", answer.Status, answer.Text)
	}
	s.Clock.Advance(2 * time.Second)
	before := fetched.Load()
	postLogout(t, s, foreign)
	if fetched.Load() != before+1 {
		t.Error("new keys are never seen again")
	}
}

// RFC 7517 §5: keys that cannot be read here, or that are for something else, spoil none beside them; what is no set is
// refused as ever.
func TestProvidersKeyBesideOthers(t *testing.T) {
	const point = `"x":"eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g","y":"SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg"`
	for _, other := range []string{
		`{"kty":"EC","crv":"secp256k1",` + point + `}`, `{"kty":"EC","crv":"BP-256","kid":"1","x":"AA","y":"AA"}`,
		`{"kty":"OKP","crv":"X25519","use":"enc","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}`,
		`{"kty":"OKP","crv":"Ed448","x":"AA"}`, `{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`, `{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`,
		`{"kty":"RSA","alg":7,"n":"AA","e":"AQAB"}`, `{"kty":"RSA","n":"AA","e":"AQAB","x5c":["no certificate"]}`, `{"kty":"oct","k":"AAAA"}`,
		`{"kty":7}`, `{}`, `7`, `null`, `"text"`,
	} {
		beside := func(answer *http.Response) error {
			if strings.Contains(answer.Request.URL.Path, "jwks") {
				body, err := io.ReadAll(answer.Body)
				set := strings.Replace(string(body), `[{`, `[`+other+`,{"x5c":["no certificate"],"x5t":"AA",`, 1)
				answer.Body = io.NopCloser(strings.NewReader(set))
				return err
			}
			return nil
		}
		provider := handlerstest.StartProvider(t)
		s := handlerstest.Start(t, handlerstest.Config{Staff: web.StaffProvider{
			Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
			HTTP: &http.Client{Timeout: time.Minute, Transport: changing(beside)},
		}})
		b := s.Browser(t)
		start := begin(b, "/")
		provider.Next(olga())
		if page := b.Get(throughProvider(b, start)); page.Status != http.StatusOK {
			t.Errorf("beside %s: %d %s", other, page.Status, s.Log())
		}
	}
}

// Made-up codes have the provider asked about each, over no more than 32 connections at
// once.
func TestProviderConnectionsAreBounded(t *testing.T) {
	var open, most atomic.Int32
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), open.Add(1)))
		<-release
		open.Add(-1)
	}))
	defer slow.Close()
	s := handlerstest.Start(t, handlerstest.Config{Staff: web.StaffProvider{Issuer: slow.URL, ClientID: "console"}})
	var everybody sync.WaitGroup
	for range 100 {
		everybody.Go(func() {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint(views.PathSignIn), nil)
			request.Header.Set("Sec-Fetch-Site", "same-origin")
			s.Do(request)
		})
	}
	for open.Load() < 32 {
		runtime.Gosched()
	}
	close(release)
	everybody.Wait()
	if most.Load() > 32 {
		t.Errorf("%d connections at once", most.Load())
	}
}

// docs/decisions/0076-limits-in-numbers.md: fetches of the provider's keys can have a number of one's own.
func TestProviderKeysHaveANumberOfTheirOwn(t *testing.T) {
	for _, burst := range []int{3, 25} { // the usual one is 10
		provider := handlerstest.StartProvider(t)
		var fetched atomic.Int32
		count := func(answer *http.Response) error {
			if strings.Contains(answer.Request.URL.Path, "jwks") {
				fetched.Add(1)
			}
			return nil
		}
		s := handlerstest.Start(t, handlerstest.Config{
			Staff: web.StaffProvider{
				Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
				HTTP: &http.Client{Timeout: time.Minute, Transport: changing(count)},
			},
			More: func(c *web.Config) { c.OwnLimits = limits.Own{limits.ProviderKeys: {Burst: burst, Every: time.Hour}} },
		})
		other, err := mockoidc.RandomKeypair(2048)
		if err != nil {
			t.Fatal(err)
		}
		foreign := logoutTokenBy(t, other, provider, s, func(jwt.MapClaims) {})
		// Who asks at the moment in which a fetch ends gets its keys, and has none made (go-oidc's RemoteKeySet).
		for range 20 * burst {
			if int(fetched.Load()) < burst {
				postLogout(t, s, foreign)
			}
		}
		for range 10 {
			postLogout(t, s, foreign)
		}
		if got := int(fetched.Load()); got != burst {
			t.Errorf("fetched %d times, want %d", got, burst)
		}
	}
}
