package device_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// What the phones of TestPhonesHearWhatTheModelSays ask.

// send asks the process that answers now, once more with the nonce when it wants one: that
// is no second try of anything (RFC 9449 §8).
func (s *streets) send(t *rapid.T, build func(handlerstest.Object) *http.Request) handlerstest.Answer {
	for range 2 {
		request := build(handlerstest.Object{"nonce": s.nonce})
		request.URL.Host = s.host
		answer := s.Do(request)
		if next := answer.Header.Get(oauth.HeaderDPoPNonce); next != "" {
			s.nonce = next
		}
		if answer.Code() != oauth.ErrUseDPoPNonce {
			return answer
		}
	}
	t.Fatal("the server wants a nonce, and not the one that it gave")
	return handlerstest.Answer{}
}

// post is send for what a phone posts, with this DPoP key; nobody is no proof.
func (s *streets) post(t *rapid.T, phone, key int, r handlerstest.Request) handlerstest.Answer {
	return s.send(t, func(nonce handlerstest.Object) *http.Request { return s.build(phone, key, r, nonce) })
}

func (s *streets) build(phone, key int, r handlerstest.Request, claims handlerstest.Object) *http.Request {
	if r.NoProof = key == nobody; !r.NoProof {
		r.Proof = handlerstest.Forge{Key: s.keys[key].Key, Claims: claims}
	}
	return s.phones[phone].NewRequest(r)
}

// hears compares an answer with the model's.
func hears(t *rapid.T, answer handlerstest.Answer, want heard) {
	got := heard{answer.Status, answer.Code()}
	if answer.JSON["active"] == false {
		got.code = "inactive"
	}
	if got != want {
		t.Fatalf("the server answers %d %q, the model %d %q", got.status, got.code, want.status, want.code)
	}
	if answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatal("the answer may be kept")
	}
}

func (s *streets) ask(t *rapid.T) {
	s.askFor(t, rapid.IntRange(nobody, len(s.accounts)-1).Draw(t, "account"))
}

func (s *streets) askFor(t *rapid.T, account int) {
	phone := rapid.IntRange(0, 1).Draw(t, "phone")
	key := rapid.SampledFrom([]int{0, 0, 1, nobody}).Draw(t, "bound to key")
	hint := "nobody@example.org"
	if account != nobody {
		hint = s.names[account]
	}
	s.pass(time.Second) // which is the oldest request is known by its time
	answer := s.post(t, phone, key, handlerstest.Request{Path: oauth.PathDeviceAuthorization, Form: map[string]string{"login_hint": hint}})
	hears(t, answer, allowed)
	if answer.Number("expires_in") != heardWindow.Seconds() || answer.Number("interval") != heardInterval.Seconds() {
		t.Fatalf("answered %s", answer.Text)
	}
	s.m.ask(phone, account, key)
	s.codes = append(s.codes, handlerstest.Codes{DeviceCode: answer.String("device_code"), UserCode: answer.String("user_code")})
	s.visits = append(s.visits, visit{})
}

// anyPhone is mostly the right one, and so is anyKey.
func anyPhone(t *rapid.T, right int) int {
	return rapid.SampledFrom([]int{right, right, right, right, right, 1 - right}).Draw(t, "phone")
}

func anyKey(t *rapid.T, right int) int {
	right = max(0, right)
	return rapid.SampledFrom([]int{right, right, right, 1 - right}).Draw(t, "key")
}

func (s *streets) pollRequest(request int) handlerstest.Request {
	return handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": s.codes[request].DeviceCode}}
}

func (s *streets) poll(t *rapid.T) { s.pollOf(t, s.request(t)) }

func (s *streets) pollOf(t *rapid.T, request int) {
	r := s.m.requests[request]
	phone, key := anyPhone(t, r.phone), anyKey(t, r.key)
	answer := s.post(t, phone, key, s.pollRequest(request))
	want := s.m.poll(phone, request, key, false)
	hears(t, answer, want)
	if want == allowed {
		s.keep(answer)
	} else {
		s.stillWorth(t, request)
	}
}

// stillWorth asks what a refusal has left of the tokens that the phone had before.
func (s *streets) stillWorth(t *rapid.T, request int) {
	for i, answer := range s.m.answers {
		if answer.request == request && s.refresh[i] != "" {
			phone := s.m.requests[request].phone
			hears(t, s.about(t, oauth.PathIntrospection, phone, s.refresh[i]), s.m.introspectRefresh(phone, i))
		}
	}
}

// keep takes tokens as the model's last ones.
func (s *streets) keep(answer handlerstest.Answer) {
	s.refresh, s.access = append(s.refresh, answer.String("refresh_token")), append(s.access, answer.String("access_token"))
}

// pollOften is one request that is asked about several times, in time or not.
func (s *streets) pollOften(t *rapid.T) {
	request := s.request(t)
	for range rapid.IntRange(2, 5).Draw(t, "times") {
		due := heardInterval + s.m.requests[request].raised
		s.pass(rapid.SampledFrom([]time.Duration{0, time.Second, heardInterval, due, due - due/10, due - due/10 - time.Second}).Draw(t, "length"))
		s.pollOf(t, request)
	}
}

// waitAndPoll comes back to a request at the moments that matter after a redemption.
func (s *streets) waitAndPoll(t *rapid.T) {
	request := s.request(t)
	if redeemed := s.m.requests[request].redeemed; !redeemed.IsZero() && rapid.Bool().Draw(t, "in the end") {
		s.pass(max(0, redeemed.Add(heardReissue+time.Duration(rapid.IntRange(-1, 0).Draw(t, "off"))*time.Second).Sub(s.m.now)))
	} else {
		s.pass(rapid.SampledFrom([]time.Duration{heardInterval, heardInterval - time.Second, 5 * time.Minute}).Draw(t, "length"))
	}
	s.pollOf(t, request)
}

// pollWithoutNonce is refused before anything is looked at, and is no poll.
func (s *streets) pollWithoutNonce(t *rapid.T) {
	request := s.request(t)
	wire := s.build(s.m.requests[request].phone, max(0, s.m.requests[request].key), s.pollRequest(request), nil)
	wire.URL.Host = s.host
	hears(t, s.Do(wire), heard{http.StatusBadRequest, oauth.ErrUseDPoPNonce})
}

// loseAnswer is a poll whose answer breaks after so many bytes, when everything is done.
// It goes to a process of its own, so that it is one whose answer is no matter of pace.
func (s *streets) loseAnswer(t *rapid.T) {
	s.loseAnswerOf(t, s.requestThat(t, func(r heardRequest) bool { return s.m.redeemable(r) || r.state == "redeemed" }))
}

func (s *streets) loseAnswerOf(t *rapid.T, request int) {
	r := s.m.requests[request]
	phone, key := r.phone, anyKey(t, r.key)
	s.post(t, phone, key, handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": "unknown"}})
	wire := s.build(phone, key, s.pollRequest(request), handlerstest.Object{"nonce": s.nonce}) // which is fresh now
	wire.URL.Host, wire.Close = s.cut.Host, true
	s.cut.After(rapid.IntRange(0, 2500).Draw(t, "bytes of the answer"))
	answer, whole := s.try(wire)
	want := s.m.poll(phone, request, key, !whole)
	if whole {
		hears(t, answer, want)
	}
	if want == allowed {
		s.keep(answer)
	}
}

// try sends a request whose answer may break.
func (s *streets) try(wire *http.Request) (answer handlerstest.Answer, whole bool) {
	response, err := s.cut.HTTP().Do(wire)
	if err != nil {
		return answer, false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer, false
	}
	answer = handlerstest.Answer{Status: response.StatusCode, Header: response.Header, Text: string(body)}
	return answer, json.Unmarshal(body, &answer.JSON) == nil
}

// kept is any token that a phone has, mostly a new one.
func kept(t *rapid.T, tokens []string) int {
	var have []int
	for i, token := range tokens {
		if token != "" {
			have = append(have, i)
		}
	}
	if len(have) == 0 {
		t.Skip("no tokens")
	}
	return have[len(have)-1-rapid.IntRange(0, len(have)-1).Draw(t, "token, from the newest")]
}

func (s *streets) refreshTokens(t *rapid.T) {
	answer := kept(t, s.refresh)
	phone, key := anyPhone(t, s.m.requests[s.m.answers[answer].request].phone), anyKey(t, s.m.answers[answer].key)
	got := s.post(t, phone, key, handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": s.refresh[answer]}})
	want := s.m.refresh(phone, answer, key)
	hears(t, got, want)
	if want == allowed {
		s.access = append(s.access, got.String("access_token"))
	} else {
		s.stillWorth(t, s.m.answers[answer].request)
	}
}

func (s *streets) call(t *rapid.T) {
	token := kept(t, s.access)
	answer := s.m.answers[s.m.tokens[token].answer]
	phone, key := s.phones[s.m.requests[answer.request].phone], anyKey(t, answer.key)
	got := s.send(t, func(nonce handlerstest.Object) *http.Request {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(oauth.PathWhoAmI), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "DPoP "+s.access[token])
		request.Header.Set(oauth.HeaderDPoP, phone.Proof(http.MethodGet, oauth.PathWhoAmI, s.access[token],
			handlerstest.Forge{Key: s.keys[key].Key, Claims: nonce}))
		return request
	})
	want := s.m.call(token, key)
	hears(t, got, want)
	if account := s.m.requests[answer.request].account; want == allowed && got.String("account") != s.accounts[account] {
		t.Fatalf("the token speaks for %s, want account %d", got.Text, account)
	}
	if want != allowed && !strings.Contains(got.Header.Get("WWW-Authenticate"), want.code) {
		t.Fatalf("challenged with %q", got.Header.Get("WWW-Authenticate"))
	}
}

func (s *streets) introspect(t *rapid.T) {
	if rapid.Bool().Draw(t, "access token") {
		token := kept(t, s.access)
		phone := anyPhone(t, s.m.requests[s.m.answers[s.m.tokens[token].answer].request].phone)
		hears(t, s.about(t, oauth.PathIntrospection, phone, s.access[token]), s.m.introspectAccess(phone, token))
		return
	}
	answer := kept(t, s.refresh)
	phone := anyPhone(t, s.m.requests[s.m.answers[answer].request].phone)
	hears(t, s.about(t, oauth.PathIntrospection, phone, s.refresh[answer]), s.m.introspectRefresh(phone, answer))
}

func (s *streets) revokeToken(t *rapid.T) {
	if rapid.Bool().Draw(t, "access token") {
		token := kept(t, s.access)
		phone := anyPhone(t, s.m.requests[s.m.answers[s.m.tokens[token].answer].request].phone)
		hears(t, s.about(t, oauth.PathRevocation, phone, s.access[token]), s.m.revokeAccess(phone, token))
		return
	}
	answer := kept(t, s.refresh)
	phone := anyPhone(t, s.m.requests[s.m.answers[answer].request].phone)
	hears(t, s.about(t, oauth.PathRevocation, phone, s.refresh[answer]), s.m.revokeRefresh(phone, answer))
}

// about is a request about a token, which needs no proof of a key.
func (s *streets) about(t *rapid.T, path string, phone int, token string) handlerstest.Answer {
	return s.post(t, phone, nobody, handlerstest.Request{Path: path, Form: map[string]string{"token": token}})
}

func (s *streets) askAndApprove(t *rapid.T) {
	account := rapid.IntRange(0, len(s.accounts)-1).Draw(t, "account")
	if !s.m.active[account] {
		t.Skip("not active")
	}
	s.askFor(t, account)
	s.approveOf(t, len(s.codes)-1)
}

func (s *streets) askAndRedeem(t *rapid.T) {
	s.askAndApprove(t)
	s.pollOf(t, len(s.codes)-1)
}

// askAndLose is a phone whose first answer gets lost, and which comes back.
func (s *streets) askAndLose(t *rapid.T) {
	s.askAndApprove(t)
	s.loseAnswerOf(t, len(s.codes)-1)
	for range rapid.IntRange(1, 3).Draw(t, "times") {
		s.waitAndPoll(t)
	}
}

// askOften fills the list that waits for one account.
func (s *streets) askOften(t *rapid.T) {
	account := rapid.IntRange(nobody, len(s.accounts)-1).Draw(t, "account")
	for range rapid.IntRange(3, 5).Draw(t, "times") {
		s.askFor(t, account)
	}
	for request := len(s.codes) - 5; request < len(s.codes); request++ {
		s.pollOf(t, max(0, request))
	}
}
