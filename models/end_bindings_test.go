package models_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// household is an account with some bindings, and a visit with one more request.
type household struct {
	*visit
	bindings []models.Binding
}

// newHousehold approves n devices of the account, an hour before the visit.
func newHousehold(t *testing.T, env *modelstest.Env, n int) *household {
	t.Helper()
	h := &household{visit: &visit{Env: env, account: env.Account(t, "ada@example.com")}}
	h.signIn(t)
	for range n {
		h.client = env.Client(t)
		h.codes = env.Request(t, h.client, "ada@example.com")
		h.bindings = append(h.bindings, env.Approve(t, h.other, h.account, h.codes).Binding)
	}
	env.Clock.Advance(time.Hour)
	h.signIn(t)
	h.client = env.Client(t)
	h.codes = env.Request(t, h.client, "ada@example.com")
	return h
}

func (h *household) revokeAll(session string) (int, error) {
	return h.RevokeAll(h.Context, session, h.account, "device_lost")
}

func (h *household) live(t *testing.T) int {
	t.Helper()
	list, err := h.Bindings(h.Context, h.supervisor, h.account)
	if err != nil {
		t.Fatal(err)
	}
	return list.Live
}

// docs/protocol.md §6 rogue-operator: an operator ends an account's bindings only while its holder is in front
// of them: matched by this session, at this counter, with the document checked, as long
// as the claim lasts. Each refusal is on record.
func TestOperatorEndsBindingsInAVisitOnly(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 2)
		refused := func(why string, session string, want error) {
			t.Helper()
			before := env.LastEvent(t)
			if _, err := h.revokeAll(session); err != want {
				t.Errorf("%s: all: %v, want %v", why, err, want)
			}
			if err := h.RevokeBinding(h.Context, session, h.bindings[0].ID, "device_lost"); err != want {
				t.Errorf("%s: one: %v, want %v", why, err, want)
			}
			if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DecisionRefused}, 2)) {
				t.Errorf("%s: events %v", why, got)
			}
		}
		refused("nothing is matched", h.operator, models.ErrNoVisit)
		h.to(t, models.Matched)
		refused("the document is not checked", h.operator, models.ErrNotProofed)
		if err := h.do("proof", h.operator); err != nil {
			t.Fatal(err)
		}
		refused("another operator", h.other, models.ErrNoVisit)
		elsewhere := env.CounterID(t, "Elsewhere")
		here, err := env.DeviceAuthorization(env.Context, h.codes.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		open := func(counter string) {
			if err := env.OpenCounter(env.Context, h.operator, counter, netip.MustParseAddr(modelstest.Address)); err != nil {
				t.Fatal(err)
			}
		}
		open(elsewhere)
		refused("another counter", h.operator, models.ErrNoVisit)
		open(*here.ClaimCounterID)
		if err := h.RevokeBinding(h.Context, h.operator, h.bindings[0].ID, "device_lost"); err != nil || h.live(t) != 1 {
			t.Errorf("in the visit: %v, %d live", err, h.live(t))
		}
		if err := h.RevokeBinding(h.Context, h.operator, h.bindings[0].ID, "device_lost"); err != models.ErrBindingRevoked {
			t.Errorf("twice: %v", err)
		}
		if err := h.do("approve", h.operator); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(15 * time.Minute)
		refused("the claim is over", h.operator, models.ErrNoVisit)
	})
}

// After the approval, too, while the claim lasts; after a decline no more: who was turned
// away is not served.
func TestEndingAfterTheDecision(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 1)
		h.to(t, models.Approved)
		if n, err := h.revokeAll(h.operator); err != nil || n != 2 {
			t.Errorf("after the approval: %d, %v", n, err)
		}
		other := newVisitFor(t, h.visit)
		if err := other.do("match", h.operator); err != nil {
			t.Fatal(err)
		}
		if err := other.do("proof", h.operator); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(14 * time.Minute) // the claim of the approved one is about to end
		if err := other.do("decline", h.operator); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		if _, err := h.revokeAll(h.operator); err != models.ErrNoVisit {
			t.Errorf("after the decline: %v", err)
		}
	})
}

// newVisitFor is another request for the same account.
func newVisitFor(t *testing.T, v *visit) *visit {
	t.Helper()
	other := *v
	other.client = v.Client(t)
	other.codes = v.Request(t, other.client, "ada@example.com")
	return &other
}

// A document that differs ends nothing.
func TestDifferingDocumentEndsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 1)
		h.to(t, models.Matched)
		card := modelstest.Card()
		card.BirthDateResult = models.Differs
		if err := env.Proof(env.Context, h.operator, h.codes.DeviceAuthorizationID, card); err != nil {
			t.Fatal(err)
		}
		if _, err := h.revokeAll(h.operator); err != models.ErrDetailsDiffer || h.live(t) != 1 {
			t.Errorf("%v, %d live", err, h.live(t))
		}
		list, err := env.Bindings(env.Context, h.operator, h.account)
		if err != nil || list.Refusal != models.ErrDetailsDiffer || len(list.Bindings) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// All at once: redeemed and approved ones alike, of this account alone, an event for
// each; their tokens are dead; a second time there is nothing left. What had lapsed is
// not touched.
func TestRevokeAll(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 0)
		lapsed := newVisitFor(t, h.visit)
		env.Approve(t, h.operator, h.account, lapsed.codes)
		env.Clock.Advance(8 * 24 * time.Hour)
		h.signIn(t)
		bob := env.Account(t, "bob@example.com")
		bobs := env.Client(t)
		env.Approve(t, h.operator, bob, env.Request(t, bobs, "bob@example.com"))
		connected, waiting := newVisitFor(t, h.visit), newVisitFor(t, h.visit)
		connected.to(t, models.Redeemed)
		waiting.to(t, models.Approved)

		before := env.LastEvent(t)
		n, err := h.revokeAll(h.supervisor)
		if err != nil || n != 2 {
			t.Fatalf("%d, %v", n, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DeviceBindingRevoked}, 2)) {
			t.Errorf("events %v", got)
		}
		if err := waiting.do("redeem", ""); err != models.ErrBindingRevoked {
			t.Errorf("the approval can still be used: %v", err)
		}
		if list, err := env.Bindings(env.Context, h.supervisor, bob); err != nil || list.Live != 1 {
			t.Errorf("of the other account %d live, %v", list.Live, err)
		}
		if n, err := h.revokeAll(h.supervisor); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		own := env.SignIn(t, "ada", []models.Role{models.Supervisor}, "bob@example.com")
		list, err := env.Bindings(env.Context, h.supervisor, bob)
		if err != nil {
			t.Fatal(err)
		}
		before = env.LastEvent(t)
		for what, err := range map[string]error{
			"all":      second(env.RevokeAll(env.Context, own, bob, "other")),
			"one":      env.RevokeBinding(env.Context, own, list.Bindings[0].ID, "other"),
			"its name": env.RelabelBinding(env.Context, own, list.Bindings[0].ID, "x"),
		} {
			if err != models.ErrOwnAccount {
				t.Errorf("a supervisor's own account, %s: %v", what, err)
			}
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DecisionRefused}, 2)) {
			t.Errorf("events %v", got)
		}
		if _, err := env.RevokeAll(env.Context, h.supervisor, "nobody", "other"); err != models.ErrNotFound {
			t.Errorf("no such account: %v", err)
		}
	})
}

// Two who end all at the same moment, while a phone redeems: each binding ends once, with
// one event, and none is left.
func TestRevokeAllRaces(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 5)
		redeeming := newVisitFor(t, h.visit)
		redeeming.to(t, models.Approved)
		before := env.LastEvent(t)
		counts, errs := make([]int, 3), make([]error, 3)
		var group sync.WaitGroup
		for i := range counts {
			group.Go(func() { counts[i], errs[i] = h.revokeAll(h.supervisor) })
		}
		group.Go(func() { _ = redeeming.do("redeem", "") })
		group.Wait()
		if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) || counts[0]+counts[1]+counts[2] != 6 || h.live(t) != 0 {
			t.Errorf("%v, %v, %d live", counts, errs, h.live(t))
		}
		revoked := slices.DeleteFunc(env.Events(t, before), func(e audit.Type) bool { return e != audit.DeviceBindingRevoked })
		if len(revoked) != 6 {
			t.Errorf("%d events", len(revoked))
		}
	})
}

// The claim ends, or the visit is taken over, at the moment in which the operator ends all:
// all or nothing.
func TestRevokeAllAgainstRelease(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 3)
		h.to(t, models.Proofed)
		var group sync.WaitGroup
		var ended int
		var err, released error
		group.Go(func() { ended, err = h.revokeAll(h.operator) })
		group.Go(func() { released = h.do("release", h.operator) })
		group.Wait()
		all, none := err == nil && ended == 3 && h.live(t) == 0, err == models.ErrNoVisit && ended == 0 && h.live(t) == 3
		if released != nil || !all && !none {
			t.Errorf("ended %d, %v; released: %v; %d live", ended, err, released, h.live(t))
		}
	})
}

// What the list shows: the last use is the newest that was seen, of a refresh or the first
// of any token; operators see it in a visit only, matched but not checked they may not end.
func TestBindingsList(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 1)
		phone := newVisitFor(t, h.visit)
		phone.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(phone.client, phone.codes))
		if err != nil {
			t.Fatal(err)
		}
		newest := func() models.BindingView {
			t.Helper()
			list, err := env.Bindings(env.Context, h.supervisor, h.account)
			if err != nil || len(list.Bindings) != 2 || list.Refusal != nil {
				t.Fatalf("%+v, %v", list, err)
			}
			return list.Bindings[0]
		}
		if b := newest(); b.LastUse() != 0 || !b.Live() || b.ClientName != "Test app" || b.InstanceName != "My phone" || b.Counter == "" ||
			b.ApprovedBy != "Staff op" {
			t.Errorf("%+v", b)
		}
		for range 2 {
			env.Clock.Advance(10 * time.Minute)
			if _, err := env.Refresh(env.Context, refreshment(phone, tokens)); err != nil {
				t.Fatal(err)
			}
			if got := newest().LastUse(); got != models.At(env.Clock.Now()) {
				t.Errorf("last use %s, want now", got.Time())
			}
		}
		h.signIn(t)
		if _, err := env.Bindings(env.Context, h.operator, h.account); err != models.ErrNoVisit {
			t.Errorf("without a visit: %v", err)
		}
		if _, _, err := env.BindingOfAccount(env.Context, h.operator, h.bindings[0].ID); err != models.ErrNoVisit {
			t.Errorf("one, without a visit: %v", err)
		}
		h.to(t, models.Matched)
		list, err := env.Bindings(env.Context, h.operator, h.account)
		if err != nil || list.Refusal != models.ErrNotProofed || list.Live != 2 {
			t.Errorf("matched: %+v, %v", list, err)
		}
		if _, err := env.Bindings(env.Context, h.supervisor, "nobody"); err != models.ErrNotFound {
			t.Errorf("no such account: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }
