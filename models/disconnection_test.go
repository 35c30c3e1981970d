package models_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// lost is an account with connected devices, whose holder has none to show: another operator has opened its record.
type lost struct {
	*visit
	account  string
	bindings []models.Binding
}

func lostDevice(t *testing.T, env *modelstest.Env, devices int) lost {
	t.Helper()
	v := newVisit(t, env)
	l := lost{visit: v, account: v.account}
	for range devices {
		codes := env.Request(t, env.Client(t), "ada@example.com")
		env.Approve(t, v.operator, v.account, codes)
		binding, err := env.BindingOf(env.Context, codes.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		l.bindings = append(l.bindings, binding)
	}
	l.open(t, v.other)
	return l
}

func (l lost) open(t *testing.T, session string) {
	t.Helper()
	if err := l.OpenRecord(l.Context, session, l.account, models.Operator, term.QueryResult); err != nil {
		t.Fatal(err)
	}
}

func (l lost) ask(session, binding string) (bool, error) {
	return l.AskDisconnection(l.Context, session, l.account, binding, term.RecallDeviceLost)
}

// An operator whose customer lost the device asks; it is an alert at once; a supervisor disconnects with one press, and the
// operator reads what came of it.
func TestDisconnectionIsAskedAndAnswered(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := lostDevice(t, env, 1)
		before := env.LastEvent(t)
		if asked, err := l.ask(l.other, ""); err != nil || !asked {
			t.Fatalf("asked %t, %v", asked, err)
		}
		alert := openAlerts(t, env, 1)[0]
		if facts := alert.Event.Facts; alert.Event.Type != audit.DisconnectionRequested || facts.Binding != l.bindings[0].ID ||
			facts.Reason != "device_lost" || facts.Counter == "" || alert.AccountID != l.account ||
			alert.DeviceAuthorizationID != l.bindings[0].DeviceAuthorizationID || alert.StaffName == "" {
			t.Errorf("the alert is %+v", alert)
		}
		shown, live, err := env.Disconnections(env.Context, l.account)
		if err != nil || !live || len(shown) != 1 || shown[0].LookedAt != nil || shown[0].Ended != 0 || shown[0].AskedBy != alert.StaffName ||
			shown[0].AskedAt != models.At(env.Clock.Now()) {
			t.Errorf("the page shows %+v, %t, %v", shown, live, err)
		}
		env.Clock.Advance(time.Minute)
		if err := env.Disconnect(env.Context, l.supervisor, alert.ID); err != nil {
			t.Fatal(err)
		}
		openAlerts(t, env, 0)
		shown, live, err = env.Disconnections(env.Context, l.account)
		if err != nil || live || shown[0].LookedAt == nil || shown[0].LookedAt.Name != "Staff super" || shown[0].Ended != 1 ||
			shown[0].EndedAt != models.At(env.Clock.Now()) {
			t.Errorf("the page shows %+v, %t, %v", shown, live, err)
		}
		want := []audit.Type{audit.DisconnectionRequested, audit.DeviceBindingRevoked, audit.AlertClosed}
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v", got)
		}
		if _, err := l.ask(l.other, ""); err != models.ErrBindingRevoked {
			t.Errorf("with nothing left: %v", err)
		}
	})
}

// What nobody has answered is not asked twice, also by another operator and at the same moment; it is asked again once a
// supervisor has looked and left the device connected.
func TestDisconnectionIsAskedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := lostDevice(t, env, 1)
		third := env.Operator(t, "third")
		l.open(t, third)
		errs := atOnce(
			func() error { _, err := l.ask(l.other, ""); return err },
			func() error { _, err := l.ask(third, l.bindings[0].ID); return err },
		)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		alert := openAlerts(t, env, 1)[0]
		if asked, err := l.ask(third, ""); asked || err != nil {
			t.Errorf("again: %t, %v", asked, err)
		}
		if err := env.CloseAlert(env.Context, l.supervisor, alert.ID, term.ClosingNothingWrong, ""); err != nil {
			t.Fatal(err)
		}
		shown, live, err := env.Disconnections(env.Context, l.account)
		if err != nil || !live || shown[0].LookedAt == nil || shown[0].Ended != 0 {
			t.Errorf("the page shows %+v, %t, %v", shown, live, err)
		}
		if err := env.Disconnect(env.Context, l.supervisor, alert.ID); err != models.ErrLookedAt {
			t.Errorf("disconnected after that: %v", err)
		}
		if binding, err := env.Binding(env.Context, l.bindings[0].ID); err != nil || binding.RevokedAt != 0 {
			t.Errorf("the first answer counts, and the binding is %+v, %v", binding, err)
		}
		if asked, err := l.ask(third, ""); !asked || err != nil {
			t.Errorf("once it is answered: %t, %v", asked, err)
		}
	})
}

// Of several devices the operator need not know which: the supervisors choose. One that is named is another alert.
func TestDisconnectionOfOneOfSeveral(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := lostDevice(t, env, 2)
		if asked, err := l.ask(l.other, ""); !asked || err != nil {
			t.Fatalf("%t, %v", asked, err)
		}
		alert := openAlerts(t, env, 1)[0]
		if alert.Event.Facts.Binding != "" || alert.DeviceAuthorizationID != "" {
			t.Errorf("the alert is %+v", alert.Event)
		}
		if err := env.Disconnect(env.Context, l.supervisor, alert.ID); err != models.ErrNotFound {
			t.Errorf("an alert that names no device: %v", err)
		}
		if asked, err := l.ask(l.other, l.bindings[1].ID); !asked || err != nil {
			t.Errorf("one of them: %t, %v", asked, err)
		}
		env.Clock.Advance(time.Minute)
		if err := env.RevokeBinding(env.Context, l.supervisor, l.bindings[1].ID, term.RecallDeviceLost); err != nil {
			t.Fatal(err)
		}
		shown, live, err := env.Disconnections(env.Context, l.account)
		if err != nil || !live || len(shown) != 2 || shown[0].Ended != 1 || shown[1].Ended != 1 || shown[1].LookedAt != nil {
			t.Errorf("the page shows %+v, %t, %v", shown, live, err)
		}
		if err := env.Disconnect(env.Context, l.supervisor, openAlerts(t, env, 2)[0].ID); err != nil {
			t.Errorf("what has ended since: %v", err)
		}
		openAlerts(t, env, 1)
	})
}

// Who may not ask, and who may not answer.
func TestDisconnectionIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := lostDevice(t, env, 1)
		elsewhere := env.Account(t, "eve@example.com")
		own := env.Operator(t, "ada", "ada@example.com")
		l.open(t, own)
		for name, c := range map[string]struct {
			session, account, binding string
			want                      error
		}{
			"their own account":        {own, l.account, "", models.ErrOwnAccount},
			"a record that is closed":  {env.Operator(t, "closed"), l.account, "", models.ErrNoVisit},
			"another account's record": {l.other, elsewhere, "", models.ErrNoVisit},
			"no such device":           {l.other, l.account, "nothing", models.ErrBindingRevoked},
			"no such account":          {l.other, "nothing", "", models.ErrNotFound},
			"a supervisor":             {l.supervisor, l.account, "", models.ErrNotAllowed},
			"nobody":                   {"nobody", l.account, "", models.ErrSessionEnded},
		} {
			asked, err := env.AskDisconnection(env.Context, c.session, c.account, c.binding, term.RecallDeviceLost)
			if asked || !errors.Is(err, c.want) {
				t.Errorf("%s: %t, %v, want %v", name, asked, err, c.want)
			}
		}
		if _, err := env.AskDisconnection(env.Context, l.other, l.account, "", "because"); !errors.Is(err, models.ErrUnknownReason) {
			t.Errorf("no reason of ours: %v", err)
		}
		openAlerts(t, env, 0)
		if asked, err := l.ask(l.other, ""); !asked || err != nil {
			t.Fatalf("%t, %v", asked, err)
		}
		alert, both := openAlerts(t, env, 1)[0].ID, []models.Role{models.Operator, models.Supervisor}
		for name, c := range map[string]struct {
			session string
			want    error
		}{
			"who asked":        {env.SignIn(t, "other", both), models.ErrOwnAlert},
			"the holder":       {env.SignIn(t, "ada", both, "ada@example.com"), models.ErrOwnAccount},
			"another operator": {l.operator, models.ErrNotAllowed},
		} {
			if err := env.Disconnect(env.Context, c.session, alert); !errors.Is(err, c.want) {
				t.Errorf("%s answers: %v, want %v", name, err, c.want)
			}
		}
		openAlerts(t, env, 1)
	})
}

// One operator asks five times within an hour, and then waits; others go on.
func TestDisconnectionsAreLimited(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		l := lostDevice(t, env, 7)
		for _, binding := range l.bindings[:5] {
			if asked, err := l.ask(l.other, binding.ID); !asked || err != nil {
				t.Fatalf("%t, %v", asked, err)
			}
			env.Clock.Advance(time.Minute)
		}
		var tooMany *models.TooManyError
		if _, err := l.ask(l.other, l.bindings[5].ID); !errors.As(err, &tooMany) || tooMany.What != models.DisconnectionRequests ||
			tooMany.RetryAfter != 55*time.Minute {
			t.Errorf("the sixth: %v", err)
		}
		third := env.Operator(t, "third")
		l.open(t, third)
		if asked, err := l.ask(third, l.bindings[5].ID); !asked || err != nil {
			t.Errorf("another operator: %t, %v", asked, err)
		}
		env.Clock.Advance(tooMany.RetryAfter)
		again := env.Operator(t, "other")
		l.open(t, again)
		if asked, err := l.ask(again, l.bindings[6].ID); !asked || err != nil {
			t.Errorf("an hour later: %t, %v", asked, err)
		}
	})
}

// An operator reads which supervisors are signed in, those at the same counter first.
func TestSupervisorsNow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		counter := env.CounterID(t, "Main hall")
		names := func() []models.Colleague {
			t.Helper()
			list, err := env.SupervisorsNow(env.Context, counter)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		env.Operator(t, "operator")
		if got := names(); len(got) != 0 {
			t.Errorf("without a supervisor: %v", got)
		}
		env.SignIn(t, "abroad", []models.Role{models.Supervisor})
		here := env.SignIn(t, "here", []models.Role{models.Operator, models.Supervisor})
		if err := env.OpenCounter(env.Context, here, counter, netip.MustParseAddr(modelstest.Address)); err != nil {
			t.Fatal(err)
		}
		env.SignIn(t, "here", []models.Role{models.Supervisor})
		if got := names(); !slices.Equal(got, []models.Colleague{{Name: "Staff here", Here: true}, {Name: "Staff abroad"}}) {
			t.Errorf("signed in: %v", got)
		}
		if err := env.EndSession(env.Context, here); err != nil {
			t.Fatal(err)
		}
		if got := names(); len(got) != 2 || got[0].Name != "Staff abroad" {
			t.Errorf("after one session of theirs ended: %v", got)
		}
		env.Clock.Advance(24 * time.Hour)
		if got := names(); len(got) != 0 {
			t.Errorf("a day later: %v", got)
		}
	})
}
