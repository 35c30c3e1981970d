package deviceclient_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"countersign/oauth/deviceclient"
)

// Secrets that the peer hands out; no error, log or hint may contain them.
const (
	deviceCode  = "device-code-GmRhmhcxhwAzkoEqiMEg"
	userCode    = "WDJB-MJHT"
	accessOne   = "access-token-one"
	accessTwo   = "access-token-two"
	refreshOne  = "refresh-token-one"
	managerCode = "registration-access-token"
)

var start = time.Date(2026, time.November, 9, 14, 5, 0, 0, time.UTC)

// reply is one scripted answer.
type reply struct {
	status int
	body   string
	header map[string]string
	drop   bool          // cut the connection instead
	hang   time.Duration // before answering
}

func protocolError(code string) reply {
	return reply{status: http.StatusBadRequest, body: `{"error":"` + code + `"}`}
}

var (
	pending  = protocolError("authorization_pending")
	slowDown = protocolError("slow_down")
	granted  = reply{status: 200, body: `{"access_token":"` + accessOne + `","token_type":"DPoP","expires_in":600,"refresh_token":"` +
		refreshOne + `","scope":"profile"}`}
	renewed = reply{status: 200, body: `{"access_token":"` + accessTwo + `","token_type":"DPoP","expires_in":600}`}
)

// seen is one request as the peer got it.
type seen struct {
	path      string
	form      url.Values
	body      []byte
	header    http.Header
	proof     map[string]any
	assertion map[string]any
}

// peer is an authorization server and API that answers by script and checks
// what every server checks: assertion and proof are signed with the registered
// key, fresh, and say what RFC 7523 §3 and RFC 9449 §4.3 want.
type peer struct {
	t       *testing.T
	server  *httptest.Server
	mu      sync.Mutex
	script  map[string][]reply // by path; the last one repeats
	seen    []seen
	key     jose.JSONWebKey
	usedIDs []string
	now     func() time.Time // for Date
}

func newPeer(t *testing.T) *peer {
	p := startPeer(t)
	t.Cleanup(p.server.Close)
	return p
}

// startPeer is newPeer for who closes it. t may be nil where nothing can be wrong.
func startPeer(t *testing.T) *peer {
	p := &peer{t: t, script: map[string][]reply{}, now: func() time.Time { return start }}
	p.server = httptest.NewServer(p)
	issuer := p.server.URL
	p.script["/.well-known/oauth-authorization-server"] = []reply{{status: 200, body: `{"issuer":"` + issuer +
		`","token_endpoint":"` + issuer +
		`/token","device_authorization_endpoint":"` + issuer + `/device_authorization","registration_endpoint":"` + issuer +
		`/register","revocation_endpoint":"` + issuer + `/revoke"}`}}
	p.script["/register"] = []reply{{status: 201, body: `{"client_id":"client-1","registration_client_uri":"` + issuer +
		`/register/client-1","registration_access_token":"` + managerCode + `"}`}}
	p.script["/device_authorization"] = []reply{{status: 200, body: `{"device_code":"` + deviceCode + `","user_code":"` + userCode +
		`","verification_uri":"` + issuer + `/device","expires_in":604800,"interval":30}`}}
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	next := p.take(r)
	if next.hang > 0 {
		select {
		case <-r.Context().Done():
		case <-time.After(next.hang):
		}
	}
	if next.drop {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Date", p.date())
	for name, value := range next.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

func (p *peer) date() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now().UTC().Format(http.TimeFormat)
}

func (p *peer) take(r *http.Request) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s := seen{path: r.URL.Path, body: body, header: r.Header.Clone()}
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		s.form, _ = url.ParseQuery(string(body))
		s.assertion = p.checkAssertion(s.form)
		s.proof = p.checkProof(r)
	} else if r.Header.Get("DPoP") != "" {
		s.proof = p.checkProof(r)
	}
	if r.URL.Path == "/register" {
		p.readKey(body)
	}
	p.seen = append(p.seen, s)
	script := p.script[r.URL.Path]
	if len(script) == 0 {
		p.t.Errorf("unscripted request: %s", r.URL.Path)
		return reply{status: http.StatusNotFound}
	}
	if len(script) > 1 {
		p.script[r.URL.Path] = script[1:]
	}
	return script[0]
}

func (p *peer) readKey(body []byte) {
	var registration struct {
		JWKS jose.JSONWebKeySet `json:"jwks"`
	}
	if err := json.Unmarshal(body, &registration); err != nil || len(registration.JWKS.Keys) != 1 || !registration.JWKS.Keys[0].IsPublic() {
		p.t.Errorf("registration without exactly one public key: %v", err)
		return
	}
	p.key = registration.JWKS.Keys[0]
}

func (p *peer) keyID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.key.KeyID
}

// checkAssertion: RFC 7523 §3, RFC 10070.
func (p *peer) checkAssertion(form url.Values) map[string]any {
	header, claims := p.open(form.Get("client_assertion"))
	want := map[string]any{"iss": form.Get("client_id"), "sub": form.Get("client_id"), "aud": p.server.URL}
	for name, value := range want {
		if claims[name] != value {
			p.t.Errorf("assertion: %s is %v, want %v", name, claims[name], value)
		}
	}
	if header.ExtraHeaders["typ"] != "client-authentication+jwt" || header.KeyID != p.key.KeyID {
		p.t.Errorf("assertion: typ %v, kid %q", header.ExtraHeaders["typ"], header.KeyID)
	}
	if lifetime := claims["exp"].(float64) - claims["iat"].(float64); lifetime != 240 {
		p.t.Errorf("assertion lives %v s", lifetime)
	}
	p.once(claims["jti"])
	return claims
}

// checkProof: RFC 9449 §4.3.
func (p *peer) checkProof(r *http.Request) map[string]any {
	header, claims := p.open(r.Header.Get("DPoP"))
	if len(r.Header.Values("DPoP")) != 1 || header.ExtraHeaders["typ"] != "dpop+jwt" {
		p.t.Errorf("proof: %d headers, typ %v", len(r.Header.Values("DPoP")), header.ExtraHeaders["typ"])
	}
	sum, err := header.JSONWebKey.Thumbprint(crypto.SHA256)
	if err != nil || !header.JSONWebKey.IsPublic() || base64.RawURLEncoding.EncodeToString(sum) != p.key.KeyID {
		p.t.Error("proof: not the public key of this instance")
	}
	if claims["htm"] != r.Method || claims["htu"] != p.server.URL+r.URL.Path {
		p.t.Errorf("proof: htm %v, htu %v", claims["htm"], claims["htu"])
	}
	p.once(claims["jti"])
	return claims
}

func (p *peer) open(compact string) (jose.Header, map[string]any) {
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		p.t.Errorf("not an ES256 JWS: %v", err)
		return jose.Header{}, nil
	}
	payload, err := signed.Verify(p.key)
	if err != nil {
		p.t.Errorf("not signed with the registered key: %v", err)
		return jose.Header{}, nil
	}
	var claims map[string]any
	_ = json.Unmarshal(payload, &claims)
	return signed.Signatures[0].Protected, claims
}

func (p *peer) once(id any) {
	text, _ := id.(string)
	if text == "" || slices.Contains(p.usedIDs, text) {
		p.t.Errorf("jti %q is missing or used twice", text)
	}
	p.usedIDs = append(p.usedIDs, text)
}

func (p *peer) requests(path string) []seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []seen
	for _, s := range p.seen {
		if s.path == path {
			found = append(found, s)
		}
	}
	return found
}

// phone is a client on a clock of its own, which its waits move on.
type phone struct {
	*deviceclient.Client
	clock time.Time
	waits []time.Duration
	saves []deviceclient.State
}

func newPhone(p *peer) *phone {
	ph := &phone{clock: start}
	p.now = func() time.Time { return ph.clock }
	ph.Client = &deviceclient.Client{
		Issuer: p.server.URL,
		Now:    func() time.Time { return ph.clock },
		Wait: func(ctx context.Context, d time.Duration) error {
			ph.waits = append(ph.waits, d)
			p.mu.Lock() // a request that was given up may still look for its Date
			ph.clock = ph.clock.Add(d)
			p.mu.Unlock()
			return ctx.Err()
		},
		Save: func(s deviceclient.State) error { ph.saves = append(ph.saves, s); return nil },
	}
	return ph
}

// waiting is a phone that is registered and has its codes.
func waiting(t *testing.T, p *peer) *phone {
	t.Helper()
	ph := newPhone(p)
	must(t, ph.Register(t.Context(), deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}))
	must(t, ph.RequestAuthorization(t.Context(),
		deviceclient.Request{LoginHint: "anna@example.org", InstanceName: "Anna's phone", InstanceDescription: "blue", Scope: "profile"}))
	return ph
}

// connected is a phone that has its tokens.
func connected(t *testing.T, p *peer) *phone {
	t.Helper()
	p.script["/token"] = []reply{granted}
	ph := waiting(t, p)
	must(t, ph.WaitForTokens(t.Context()))
	return ph
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if deviceclient.ErrorCode(err) != code {
		t.Fatalf("error %v, want %s", err, code)
	}
}

// wantNoSecret checks text made of errors, states and logs.
func wantNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{deviceCode, userCode, accessOne, accessTwo, refreshOne, managerCode, `"d":`} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is in …%s", secret, text[max(0, at-80):at+len(secret)])
		}
	}
}
