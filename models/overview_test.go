package models_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// knownDay is a day at two counters, of which every figure is known.
type knownDay struct {
	*modelstest.Env
	account, here, there, first, second string
	from                                time.Time
}

// newKnownDay begins at a full hour: a visit that connects a phone, one that is declined, one that begins twice after wrong codes, a
// request that is declined while it waits, and one for nobody.
func newKnownDay(t *testing.T, env *modelstest.Env) *knownDay {
	t.Helper()
	env.Clock.Advance(env.Clock.Now().Truncate(time.Hour).Add(time.Hour).Sub(env.Clock.Now()))
	d := &knownDay{Env: env, account: env.Account(t, "ada@example.com"), from: env.Clock.Now()}
	anybody := env.SignIn(t, "anybody", []models.Role{models.Operator})
	d.here, d.there = counterOf(t, env, anybody, "Here").ID, counterOf(t, env, anybody, "There").ID
	client, key := env.ClientOf(t, "test-app")
	d.connected(t, client)
	d.declined(t, client, env.Presence(t, key, client, env.Request(t, client, "ada@example.com")))
	d.begunTwice(t)
	waiting := env.Request(t, env.Client(t), "ada@example.com").DeviceAuthorizationID
	if err := env.Decline(env.Context, d.second, waiting, term.DeclineOther); err != nil {
		t.Fatal(err)
	}
	env.Request(t, env.Client(t), "nobody@example.com")
	return d
}

// signIn gives the operators new sessions, since theirs end when nothing happens.
func (d *knownDay) signIn(t *testing.T) {
	t.Helper()
	d.first, d.second = d.SignIn(t, "first", []models.Role{models.Operator}), d.SignIn(t, "second", []models.Role{models.Operator})
	for session, counter := range map[string]string{d.first: d.here, d.second: d.there} {
		if err := d.OpenCounter(d.Context, session, counter, anywhere); err != nil {
			t.Fatal(err)
		}
	}
}

// connected asks at 0:00, is matched after 20 minutes, approved 4 minutes later and redeemed after 30 seconds.
func (d *knownDay) connected(t *testing.T, client models.Client) {
	t.Helper()
	codes := d.Request(t, client, "ada@example.com")
	d.Clock.Advance(20 * time.Minute)
	d.signIn(t)
	if _, err := d.Match(d.Context, d.first, d.account, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	if err := d.Proof(d.Context, d.first, codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(4 * time.Minute)
	if _, err := d.ApproveShown(d.first, codes.DeviceAuthorizationID); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(30 * time.Second)
	for range 2 { // the second time its answer was lost, which is no step
		if _, err := d.Redeem(d.Context, modelstest.Redemption(client, codes)); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(time.Minute)
	}
}

// declined is matched by its presence proof, and declined after 90 seconds.
func (d *knownDay) declined(t *testing.T, client models.Client, proof oauth.PresenceProof) {
	t.Helper()
	found, err := d.MatchPresence(d.Context, d.second, d.account, proof, models.KeyKnown)
	if err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(90 * time.Second)
	if err := d.Decline(d.Context, d.second, found.ID, term.DeclineCustomerLeft); err != nil {
		t.Fatal(err)
	}
}

// begunTwice is matched an hour after it asked, and two wrong codes; let go, and matched again.
func (d *knownDay) begunTwice(t *testing.T) {
	t.Helper()
	codes := d.Request(t, d.Client(t), "ada@example.com")
	d.Clock.Advance(time.Hour)
	d.signIn(t)
	wrong, err := oauth.ParseUserCode("BCDFGHJK")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := d.Match(d.Context, d.second, d.account, wrong); err == nil {
			t.Fatal("a wrong code matched")
		}
	}
	for range 2 {
		if _, err := d.Match(d.Context, d.second, d.account, codes.UserCode); err != nil {
			t.Fatal(err)
		}
		if err := d.Release(d.Context, d.second, codes.DeviceAuthorizationID); err != nil {
			t.Fatal(err)
		}
	}
}

// figures are an overview as words, without what is zero.
func figures(o models.Overview) map[string]int64 {
	all := map[string]int64{}
	for measure, words := range o.Counts {
		for word, count := range words {
			all[string(measure)+" "+word] = count
		}
	}
	return all
}

// Each figure of a day is what happened, everywhere and at one counter, and none is of the hours beside it.
func TestOverviewIsWhatHappened(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		day := newKnownDay(t, env)
		here := map[string]int64{
			"steps matched": 1, "steps proofed": 1, "steps approved": 1, "steps redeemed": 1, "visits code only": 1, "codes matched": 1,
			"time-to-visit 3600": 1, "visit-length 300": 1, "time-to-redemption 60": 1,
		}
		there := map[string]int64{
			"steps matched": 2, "visits proved": 1, "visits code only": 2, "codes matched": 2, "codes failed": 2,
			"time-to-visit 600": 1, "time-to-visit 3600": 1, "visit-length 120": 1, "declines customer_left": 1, "declines other": 1,
		}
		everywhere := maps.Clone(here)
		for figure, count := range there {
			everywhere[figure] += count
		}
		everywhere["steps requested"], everywhere["steps nobody"] = 4, 1
		until := day.from.Add(3 * time.Hour)
		for counter, want := range map[string]map[string]int64{"": everywhere, day.here: here, day.there: there} {
			o, err := env.Overview(env.Context, models.OverviewRange{From: day.from, Until: until, CounterID: counter})
			if got := figures(o); err != nil || !maps.Equal(got, want) {
				t.Errorf("at %q: %v, %v\nwant %v", counter, got, err, want)
			}
		}
		o, err := env.Overview(env.Context, models.OverviewRange{From: day.from, Until: until})
		first := audit.HourOf(day.from)
		if err != nil || o.Behind || !maps.Equal(o.Hours, map[int64]int64{first: 2, first + 1: 2}) {
			t.Errorf("by the hour: %v, behind %v, %v", o.Hours, o.Behind, err)
		}
		wantCounters := []models.CounterCounts{{ID: day.here, Name: "Here", Visits: 1, Codes: 1},
			{ID: day.there, Name: "There", Visits: 3, Codes: 4, Failed: 2}}
		if !slices.Equal(o.Counters, wantCounters) {
			t.Errorf("by counter: %+v", o.Counters)
		}
		if len(o.Staff) != 1 || o.Staff[0].Name != "Staff second" || o.Staff[0].Codes != 4 || o.Staff[0].Failed != 2 {
			t.Errorf("by person: %+v", o.Staff)
		}
		after, err := env.Overview(env.Context, models.OverviewRange{From: until, Until: until.Add(24 * time.Hour)})
		if err != nil || len(figures(after))+len(after.Hours)+len(after.Counters)+len(after.Staff) > 0 || after.Since == 0 {
			t.Errorf("later: %+v, %v", after, err)
		}
	})
}

// What an approval waited for is counted at the counter that asked, whoever answered from wherever.
func TestSecondPersonsAreCountedAtTheCounterOfTheVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		day := newKnownDay(t, env)
		codes := env.Request(t, env.Client(t), "ada@example.com")
		s := seconded{Env: env, account: day.account, session: day.first, visit: codes.DeviceAuthorizationID}
		if _, err := env.Match(env.Context, s.session, s.account, codes.UserCode); err != nil {
			t.Fatal(err)
		}
		card := modelstest.Card()
		card.NameResult, card.NameReason = models.Differs, string(term.NameChanged)
		s.proof(t, card)
		second := s.ask(t)
		supervisor := env.SignIn(t, "super", []models.Role{models.Supervisor})
		if err := env.LookSecondApproval(env.Context, supervisor, second); err != nil {
			t.Fatal(err)
		}
		if err := env.GiveSecondApprovalShown(supervisor, second); err != nil {
			t.Fatal(err)
		}
		o, err := env.Overview(env.Context, models.OverviewRange{From: day.from, Until: day.from.Add(3 * time.Hour), CounterID: day.here})
		want := map[string]int64{string(audit.SecondApprovalAsked): 1, string(audit.SecondApprovalGiven): 1}
		if err != nil || !maps.Equal(o.Counts[audit.MeasureSecond], want) {
			t.Errorf("%v, %v", o.Counts[audit.MeasureSecond], err)
		}
	})
}
