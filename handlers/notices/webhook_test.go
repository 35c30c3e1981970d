package notices_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
)

// received is what a receiver was sent.
type received struct {
	signature string
	body      []byte
}

// receiver answers with each status in turn, then with 204.
func receiver(t *testing.T, statuses ...int) (string, func() []received) {
	t.Helper()
	var mu sync.Mutex
	var all []received
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, received{r.Header.Get(notices.SignatureHeader), body})
		status := http.StatusNoContent
		if len(all) <= len(statuses) {
			status = statuses[len(all)-1]
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook?key=hidden", func() []received { mu.Lock(); defer mu.Unlock(); return all }
}

// The receiver can tell by the shared secret that it was this server, and when; an error
// or a redirect is no answer, and the same notice comes again later.
func TestWebhook(t *testing.T) {
	address, got := receiver(t, http.StatusInternalServerError, http.StatusFound)
	w := newTown(t, handlerstest.SQLite, map[models.Channel]notices.Channel{
		models.ChannelWebhook: notices.NewWebhook(address, []byte("shared secret"), nil)})
	codes := w.Phone().Ask(nil)
	w.round(t)
	w.Clock.Advance(2 * time.Minute)
	w.round(t)
	w.Clock.Advance(4 * time.Minute)
	w.round(t)
	w.Clock.Advance(time.Hour)
	w.round(t)
	all := got()
	if len(all) != 3 {
		t.Fatalf("called %d times: %s", len(all), w.log)
	}
	last := all[2]
	seconds, _, _ := strings.Cut(strings.TrimPrefix(last.signature, "t="), ",")
	mac := hmac.New(sha256.New, []byte("shared secret"))
	mac.Write([]byte(seconds + "." + string(last.body)))
	if want := "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil)); last.signature != want || len(seconds) != 10 {
		t.Errorf("signed %q, want %q", last.signature, want)
	}
	if all[0].signature == last.signature {
		t.Error("the signature does not depend on the time")
	}
	var notice map[string]string
	if err := json.Unmarshal(last.body, &notice); err != nil {
		t.Fatal(err)
	}
	if notice["occasion"] != "requested" || notice["contact"] != contact || notice["account"] != w.Account.ID || notice["language"] != "en" ||
		!strings.HasPrefix(notice["not_me_url"], w.Issuer+"/not-me/") || !strings.Contains(notice["text"], notice["not_me_url"]) {
		t.Errorf("%v", notice)
	}
	if strings.Contains(string(last.body), codes.DeviceCode) || strings.Contains(string(last.body), codes.UserCode) {
		t.Error("a code was posted")
	}
	if log := w.log.String(); strings.Contains(log, "hidden") || strings.Contains(log, contact) || !strings.Contains(log, "answered 500") ||
		!strings.Contains(log, "answered 302") {
		t.Errorf("the log: %s", log)
	}
}

// The organisation's receiver has ways to people who left no contact here.
func TestWebhookTellsOfAccountsWithoutContact(t *testing.T) {
	address, got := receiver(t)
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, map[models.Channel]notices.Channel{
		models.ChannelMail: p.channel(notices.STARTTLS), models.ChannelWebhook: notices.NewWebhook(address, []byte("shared secret"), nil)})
	w.contact(t, "")
	w.round(t) // tells the contact that was
	w.Phone().Ask(nil)
	w.round(t)
	if len(got()) != 2 || len(p.taken()) != 1 {
		t.Errorf("%d posted, %d mailed", len(got()), len(p.taken()))
	}
	w.contact(t, contact)
	w.Clock.Advance(2 * time.Hour)
	w.Phone().Ask(nil)
	w.round(t)
	if len(got()) != 3 || len(p.taken()) != 2 {
		t.Errorf("with a contact %d posted, %d mailed", len(got()), len(p.taken()))
	}
}

// What is about the one that was posted is final; what is about the receiver, whose address and secret can be mended, leaves the
// channel alone until the next look.
func TestStatusesOfAWebhook(t *testing.T) {
	for _, test := range []struct {
		status int
		want   notices.Failure // without Why
	}{
		{400, notices.Failure{Final: true}}, {413, notices.Failure{Final: true}}, {415, notices.Failure{Final: true}},
		{422, notices.Failure{Final: true}},
		{401, notices.Failure{Unreachable: true}}, {403, notices.Failure{Unreachable: true}}, {404, notices.Failure{Unreachable: true}},
		{410, notices.Failure{Unreachable: true}}, {429, notices.Failure{Unreachable: true}}, {503, notices.Failure{Unreachable: true}},
		{409, notices.Failure{}}, {500, notices.Failure{}}, {302, notices.Failure{}},
	} {
		address, _ := receiver(t, test.status)
		err := notices.NewWebhook(address, []byte("shared secret"), nil).Send(t.Context(), message())
		failure, ok := errors.AsType[*notices.Failure](err)
		if !ok || !strings.Contains(failure.Why, strconv.Itoa(test.status)) {
			t.Errorf("%d: %v", test.status, err)
			continue
		}
		got := *failure
		got.Why = ""
		if got != test.want {
			t.Errorf("%d: %+v, want %+v", test.status, got, test.want)
		}
	}
}
