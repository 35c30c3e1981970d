package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/pgtest"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

const fleetRecordsLimit = 12

// docs/protocol.md §6 many-processes, limiter-reset: what three processes over one database have to agree on holds exactly when all
// of it is tried at all three at once, and when one is killed in the middle of that.
func TestLimitsOfManyProcesses(t *testing.T) {
	t.Parallel()
	database := pgtest.Schema(t)
	mails := startMailBook(t)
	l := &limited{fleet: startFleet(t, newKillingHeld(t, database,
		append(mails.flags(), "--opened-records-limit", fmt.Sprint(fleetRecordsLimit), "--key-rotation", "90d")))}
	l.way = l.oneAfterAnother()
	var err error
	if l.database, err = sql.Open("pgx", database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.database.Close() })
	guesser, busy := l.atCounter(t, demoOperator), l.atCounter(t, "Jonas Eriksen")

	l.codeIsRedeemedOnce(t, busy)
	l.proofsCountOnce(t, busy)
	l.noticesAreSentOnce(t, mails)
	l.threeWait(t)
	l.asker = l.phone(t, l.killing)
	l.sixthWrongCodeLocks(t, busy)
	l.wrongCodesOfOperator(t, guesser)
	l.openedRecords(t, busy)
	l.usedStaysUsed(t)
	l.compare(t, l.database)
	if verdict := l.run(t, l.store[:2], "audit", "verify"); !strings.Contains(verdict, "verdict: consistent") {
		t.Errorf("the trail: %s", verdict)
	}
	l.keysTurnOnce(t)
}

// limited is a fleet that is held to limits.
type limited struct {
	*fleet
	database *sql.DB
	asker    *deviceclient.Client // whose request waits for each account whose codes are guessed

	mu   sync.Mutex
	used []func(way http.RoundTripper) twin // sends again what was done
}

// wants compares what a statement finds.
func (l *limited) wants(t *testing.T, what, statement, want string) {
	t.Helper()
	if got := strings.TrimSpace(l.ask(t, l.database, statement)); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

const staffNamed = "staff_id = (SELECT id FROM staff WHERE name = '%s')"

// everywhere does something so many times at all processes at once. Where it may, one of them is killed meanwhile, and started again.
func (l *limited) everywhere(t *testing.T, times int, kill bool, do func(i int, way http.RoundTripper)) {
	t.Helper()
	var waiting sync.WaitGroup
	for i := range times {
		if kill && i == times/2 {
			l.killNode(t, l.nodes[0])
			l.startNode(t, l.nodes[0])
		}
		way := l.nodes[i%fleetSize].to()
		waiting.Go(func() { do(i, way) })
	}
	waiting.Wait()
}

// phoneBy is the phone as it is now, by another way.
func phoneBy(phone *deviceclient.Client, way http.RoundTripper) *deviceclient.Client {
	other := &deviceclient.Client{Issuer: phone.Issuer, State: phone.State, HTTP: &http.Client{Transport: way, Timeout: patience}}
	if waits := phone.State.Authorization; waits != nil {
		own := *waits
		other.State.Authorization = &own
	}
	return other
}

func (l *limited) phone(t *testing.T, way http.RoundTripper) *deviceclient.Client {
	t.Helper()
	phone := &deviceclient.Client{Issuer: l.issuer, HTTP: &http.Client{Transport: way, Timeout: patience}}
	if err := phone.Register(t.Context(), deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"}); err != nil {
		t.Fatal(err)
	}
	return phone
}

// approved asks for codes, and has them approved.
func (l *limited) approved(t *testing.T, phone *deviceclient.Client, operator *operatorBrowser, account int) {
	t.Helper()
	request := deviceclient.Request{LoginHint: killHint(account), InstanceName: "A phone"}
	if err := phone.RequestAuthorization(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return operator.Open(t.Context(), views.PathCounter) },
		func() error { return operator.Search(t.Context(), killHint(account)) },
		func() error { return operator.Match(t.Context(), phone.State.Authorization.UserCode.Reveal()) },
		func() error { return operator.Proof(t.Context(), productionCard) },
		func() error { return operator.Approve(t.Context()) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

// codeIsRedeemedOnce: the phone asks for its tokens everywhere at once, each time with proofs of their own.
func (l *limited) codeIsRedeemedOnce(t *testing.T, operator *operatorBrowser) {
	t.Helper()
	phone := l.phone(t, l.killing)
	l.approved(t, phone, operator, 1)
	const times = 4 * fleetSize
	answers := make([]error, times)
	l.everywhere(t, times, false, func(i int, way http.RoundTripper) { answers[i] = phoneBy(phone, way).Poll(t.Context()) })
	given := 0
	for _, err := range answers {
		switch code := deviceclient.ErrorCode(err); {
		case err == nil:
			given++
		case code != deviceclient.ErrSlowDown:
			t.Errorf("asked at once: %v", err)
		}
	}
	if given != 1 {
		t.Errorf("tokens were given %d times", given)
	}
	l.wants(t, "redemptions", "SELECT count(*) FROM audit_events WHERE type = 'device-binding-redeemed'", "1")
}

// proofsCountOnce: a phone whose every request reaches each process twice, and is kept to be sent again later.
func (l *limited) proofsCountOnce(t *testing.T, operator *operatorBrowser) {
	t.Helper()
	var ways []http.RoundTripper
	for i := range 2 * fleetSize {
		ways = append(ways, l.nodes[i%fleetSize].to())
	}
	phone := l.phone(t, roundTripper(func(request *http.Request) (*http.Response, error) {
		if request.Method != http.MethodPost {
			return ways[0].RoundTrip(request)
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		again := func() *http.Request {
			copied := request.Clone(context.Background())
			copied.Body = io.NopCloser(bytes.NewReader(body))
			return copied
		}
		answer, err := l.severally(again(), ways...)
		if err == nil && answer.StatusCode < 300 {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.used = append(l.used, func(way http.RoundTripper) twin { return readTwin(way.RoundTrip(again())) })
		}
		return answer, err
	}))
	l.approved(t, phone, operator, 2)
	if err := phone.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(l.used) != 3 {
		t.Errorf("%d requests were done, want a registration, a request for codes and a redemption", len(l.used))
	}
}

// usedStaysUsed sends them again, after each process was killed.
func (l *limited) usedStaysUsed(t *testing.T) {
	t.Helper()
	for _, n := range l.nodes {
		l.killNode(t, n)
		l.startNode(t, n)
	}
	for i, send := range l.used {
		for _, n := range l.nodes {
			if answer := send(n.to()); answer.err != nil || answer.rank() < refused {
				t.Errorf("request %d again at %s: %v %s", i, n.address, answer.err, answer.text)
			}
		}
	}
}

// noticesAreSentOnce: nothing was killed yet, so that no process has to try again what another one had begun.
func (l *limited) noticesAreSentOnce(t *testing.T, mails *mailBook) {
	t.Helper()
	if !until(func() bool {
		return l.ask(t, l.database, "SELECT 1 FROM notices WHERE outcome = '' AND turn = 0") == "" && mails.count() > 2
	}) {
		t.Errorf("not sent: %s", l.ask(t, l.database, "SELECT id, outcome, attempts FROM notices"))
	}
	for line := range strings.Lines(l.ask(t, l.database, "SELECT id, attempts FROM notices WHERE outcome = 'sent'")) {
		id, attempts, _ := strings.Cut(strings.TrimSpace(line), "|")
		if sent := mails.of(id); sent != 1 || attempts != "1" {
			t.Errorf("a notice was mailed %d times, in %s attempts", sent, attempts)
		}
	}
}

// threeWait: of what a phone asks for an identifier everywhere at once, three wait in the end.
func (l *limited) threeWait(t *testing.T) {
	t.Helper()
	phone := l.phone(t, l.killing)
	request := deviceclient.Request{LoginHint: killHint(3), InstanceName: "A phone"}
	l.everywhere(t, 3*fleetSize, true, func(_ int, way http.RoundTripper) {
		_ = phoneBy(phone, way).RequestAuthorization(t.Context(), request) // some are not answered
	})
	l.wants(t, "requests that wait of a phone", fmt.Sprintf("SELECT count(*) FROM device_authorizations "+
		"WHERE client_id = '%s' AND state = 'pending' AND pending_until > %d", phone.State.ClientID, models.At(time.Now())),
		fmt.Sprint(models.WaitingPerPhone))
}

// guesses sends a wrong code for each of the pages, so many times, everywhere at once, and counts the answers by status.
func (l *limited) guesses(t *testing.T, pages []*operatorBrowser, times int) map[int]int {
	t.Helper()
	var mu sync.Mutex
	statuses := map[int]int{}
	l.everywhere(t, times*len(pages), true, func(i int, way http.RoundTripper) {
		browser := pages[i%len(pages)].by(way)
		form := browser.formWithField("user_code")
		form.values.Set("user_code", "BCDF-GHJK")
		err := browser.Submit(t.Context(), form)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			statuses[browser.status]++
		}
	})
	return statuses
}

// by is the browser with its page and its cookies, by another way.
func (b *operatorBrowser) by(way http.RoundTripper) *operatorBrowser {
	other := *b
	other.client = &http.Client{Jar: b.client.Jar, Transport: way, Timeout: browserTimeout}
	return &other
}

// sixthWrongCodeLocks the account, and no later one.
func (l *limited) sixthWrongCodeLocks(t *testing.T, operator *operatorBrowser) {
	t.Helper()
	page := l.opened(t, operator, 4)
	account := strings.TrimPrefix(page.address.Path, views.AccountPath(""))
	statuses := l.guesses(t, []*operatorBrowser{page}, 4*fleetSize)
	of := " WHERE account_id = '" + account + "'"
	l.wants(t, "wrong codes that count", "SELECT count(*) FROM match_failures"+of+" AND NOT while_locked", "6")
	l.wants(t, "the account is locked", "SELECT match_locked_at > 0 FROM accounts WHERE id = '"+account+"'", "true")
	l.wants(t, "events of the lock", "SELECT count(*) FROM audit_events"+of+" AND type = 'match-locked'", "1")
	t.Logf("12 wrong codes of an account: %v", statuses)
}

// opened is the page of an account for which a phone waits, in a browser of its own.
func (l *limited) opened(t *testing.T, operator *operatorBrowser, account int) *operatorBrowser {
	t.Helper()
	request := deviceclient.Request{LoginHint: killHint(account), InstanceName: "A phone"}
	if err := l.asker.RequestAuthorization(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	page := operator.by(l.killing)
	if err := page.Open(t.Context(), views.PathCounter); err != nil {
		t.Fatal(err)
	}
	if err := page.Search(t.Context(), killHint(account)); err != nil {
		t.Fatal(err)
	}
	return page
}

// wrongCodesOfOperator are counted over accounts.
func (l *limited) wrongCodesOfOperator(t *testing.T, operator *operatorBrowser) {
	t.Helper()
	var pages []*operatorBrowser
	for i := range 8 {
		pages = append(pages, l.opened(t, operator, 10+i))
	}
	statuses := l.guesses(t, pages, 5)
	l.wants(t, "wrong codes of an operator", "SELECT count(*) FROM match_failures WHERE "+fmt.Sprintf(staffNamed, demoOperator), "20")
	if statuses[http.StatusTooManyRequests] == 0 {
		t.Error("nobody was told that there were too many")
	}
	t.Logf("40 wrong codes of an operator: %v", statuses)
}

// openedRecords of a person are as many as the limit.
func (l *limited) openedRecords(t *testing.T, operator *operatorBrowser) {
	t.Helper()
	if err := operator.Open(t.Context(), views.PathCounter); err != nil {
		t.Fatal(err)
	}
	l.everywhere(t, 10*fleetSize, true, func(i int, way http.RoundTripper) {
		browser := operator.by(way)
		form := browser.formWithField("identifier")
		form.values.Set("identifier", killHint(100+i))
		_ = browser.Submit(t.Context(), form)
	})
	of := fmt.Sprintf(staffNamed, "Jonas Eriksen")
	l.wants(t, "opened records of a person", "SELECT count(*) FROM account_openings WHERE "+of, fmt.Sprint(fleetRecordsLimit))
	l.wants(t, "events of that", "SELECT count(*) FROM audit_events WHERE type = 'account-opened' AND "+of, fmt.Sprint(fleetRecordsLimit))
}

// keysTurnOnce: all processes start at the same moment, at which the keys are due.
func (l *limited) keysTurnOnce(t *testing.T) {
	t.Helper()
	const turns = "SELECT count(*) FROM audit_events WHERE type = 'signing-key-rotated'"
	l.wants(t, "turns before they are due", turns, "0")
	for _, n := range l.nodes {
		l.killNode(t, n)
		n.clock.set(t, 91*day)
	}
	for _, n := range l.nodes {
		l.launch(t, n)
	}
	const keys = "2" // of access tokens and of the trail
	if !until(func() bool { return strings.TrimSpace(l.ask(t, l.database, turns)) >= keys }) {
		t.Errorf("the keys did not turn: %s", l.nodes[0].log)
	}
	for _, n := range l.nodes {
		if !until(func() bool { return strings.Contains(n.log.String(), "msg=listening") }) {
			t.Errorf("it does not start: %s", n.log)
		}
	}
	l.endAll(t)
	l.wants(t, "turns of keys", turns, keys)
}
