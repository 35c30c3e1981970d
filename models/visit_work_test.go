//go:build unix

package models_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// manyVisits are customers with a request each, and as many operators as share a transaction in these tests.
type manyVisits struct {
	*modelstest.Env
	operators []string
	visits    []oneVisit
}

type oneVisit struct {
	operator, identifier, account string
	client                        models.Client
	codes                         models.IssuedCodes
	refreshToken                  string
}

const visitsAtOnce = 8

func newManyVisits(t *testing.T, number int) *manyVisits {
	m := &manyVisits{Env: modelstest.SQLite(t, models.Policy{})}
	var accounts []models.ImportedAccount
	for i := range number {
		accounts = append(accounts, models.ImportedAccount{Line: 2 + i, Identifiers: []string{fmt.Sprint("K-", i)}, FullName: "Account Holder",
			DateOfBirth: "1980-02-29", Contact: fmt.Sprintf("k%d@example.com", i), Status: models.AccountActive})
	}
	if _, err := m.ImportAccounts(m.Context, accounts, audit.Actor{System: "command"}); err != nil {
		t.Fatal(err)
	}
	for i := range visitsAtOnce {
		m.operators = append(m.operators, m.Operator(t, fmt.Sprint("op", i)))
	}
	for i := range number {
		v := oneVisit{operator: m.operators[i%visitsAtOnce], identifier: fmt.Sprint("K-", i), client: m.Client(t)}
		v.account, v.codes = m.AccountID(t, v.identifier), m.Request(t, v.client, v.identifier)
		m.visits = append(m.visits, v)
		m.Clock.Advance(100 * time.Millisecond)
	}
	return m
}

// proofs are what comes with a phone's request.
func (m *manyVisits) proofs(v *oneVisit, what string) []models.UsedProof {
	until := m.Clock.Now().Add(5 * time.Minute)
	return []models.UsedProof{{Kind: "assertion", Owner: v.client.ID, ID: what, Until: until},
		{Kind: "dpop", Owner: modelstest.Thumbprint, ID: what + v.client.ID, Until: until}}
}

// pagesOfAVisit is how many pages of 2 KiB one of eight visits at once writes to the write-ahead log, with a redemption and
// a refresh, 22.2 to 22.9 in three runs. In pages of 4 KiB it was 28 before an index of events and those on states were gone, and
// proofings and bindings had keys by time; 24 before events were found by account in the search table only, and used proofs lay in
// one tree; then 17.
const pagesOfAVisit = 25

// What the acts of a visit may cost: statements, and allocations of one alone.
var workOfActs = []struct {
	name                    string
	statements, allocations int
	do                      func(m *manyVisits, v *oneVisit) error
}{
	{"search", 11, 650, func(m *manyVisits, v *oneVisit) error {
		_, err := m.Search(m.Context, v.operator, v.identifier)
		return err
	}},
	{"match", 13, 650, func(m *manyVisits, v *oneVisit) error {
		_, err := m.Match(m.Context, v.operator, v.account, v.codes.UserCode)
		return err
	}},
	{"proof", 11, 600, func(m *manyVisits, v *oneVisit) error {
		return m.Proof(m.Context, v.operator, v.codes.DeviceAuthorizationID, modelstest.Card())
	}},
	{"approve", 27, 1300, func(m *manyVisits, v *oneVisit) error { // allocations: with what its page shows
		_, err := m.ApproveShown(v.operator, v.codes.DeviceAuthorizationID)
		return err
	}},
	{"redeem", 8, 520, func(m *manyVisits, v *oneVisit) error {
		redemption := modelstest.Redemption(v.client, v.codes)
		redemption.Proofs = m.proofs(v, "redeem")
		tokens, err := m.Redeem(m.Context, redemption)
		v.refreshToken = tokens.RefreshToken
		return err
	}},
	{"refresh", 8, 500, func(m *manyVisits, v *oneVisit) error {
		_, err := m.Refresh(m.Context, models.Refreshment{ClientID: v.client.ID, RefreshToken: v.refreshToken,
			Thumbprint: modelstest.Thumbprint, Audience: modelstest.Issuer + "/api", Proofs: m.proofs(v, "refresh")})
		return err
	}},
}

// docs/decisions/0063-plain-statements.md: what a visit and its redemption ask, write and allocate.
func TestWorkOfVisitsAtOnce(t *testing.T) {
	m := newManyVisits(t, 12*visitsAtOnce)
	alone, together := m.visits[10*visitsAtOnce:11*visitsAtOnce], m.visits[11*visitsAtOnce:]
	all := statements(t, m.Env)
	for i := range m.visits[:10*visitsAtOnce] { // others before them
		for _, act := range workOfActs {
			if err := act.do(m, &m.visits[i]); err != nil {
				t.Fatal(act.name, err)
			}
		}
	}
	total := 0.0
	for _, act := range workOfActs {
		pages := m.pagesTogether(t, together, act.do)
		*all = nil
		allocations := m.allocations(t, alone, act.do)
		asked := len(*all) / len(alone)
		t.Logf("%-8s %2d statements, %4.1f pages, %4d allocations", act.name, asked, pages, allocations)
		if asked > act.statements || allocations > act.allocations {
			t.Errorf("%s: %d statements and %d allocations", act.name, asked, allocations)
		}
		total += pages
		m.Clock.Advance(time.Second)
	}
	if total > pagesOfAVisit {
		t.Errorf("%.1f pages for a visit, a redemption and a refresh", total)
	}
}

// allocations is how many an act takes when nobody else does anything.
func (m *manyVisits) allocations(t *testing.T, visits []oneVisit, do func(*manyVisits, *oneVisit) error) int {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range visits {
		if err := do(m, &visits[i]); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	return int(after.Mallocs-before.Mallocs) / len(visits)
}

// pagesTogether is how many pages an act writes when several share a transaction.
func (m *manyVisits) pagesTogether(t *testing.T, visits []oneVisit, do func(*manyVisits, *oneVisit) error) float64 {
	t.Helper()
	if err := models.WriterForTest(m.Database).Exec("DELETE FROM revoked_access_tokens WHERE jti = 'front'").Error; err != nil { // of behind
		t.Fatal(err)
	}
	emptyLog(t, m.Env)
	var acts []func()
	for i := range visits {
		acts = append(acts, func() {
			if err := do(m, &visits[i]); err != nil {
				t.Error(err)
			}
		})
	}
	if err := behind(t, m.Env, acts...); err != nil {
		t.Fatal(err)
	}
	pages, _ := walFrames(t, m.Env)
	return float64(pages) / float64(len(visits))
}
