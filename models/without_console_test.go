package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// byTheCommand wants the newest event to be of a type, by the command and by nobody else, and returns its facts.
func byTheCommand(t *testing.T, env *modelstest.Env, kind audit.Type, subject string) audit.Facts {
	t.Helper()
	event := lastEvent(t, env)
	actor := event.Facts.Actor
	if event.Type != kind || event.Subject != subject || actor == nil || *actor != (audit.Actor{System: "command"}) ||
		event.Facts.Session != "" && kind != audit.StaffSignedOut {
		t.Errorf("the newest event is %+v", event)
	}
	return event.Facts
}

// What only a supervisor unlocks in the console a command unlocks, with a reason, once.
func TestCommandUnlocks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		before := env.LastEvent(t)
		if err := env.UnlockByCommand(env.Context, v.account, term.UnlockingMistyped); err != models.ErrNotLocked {
			t.Errorf("an account that is not locked: %v", err)
		}
		if err := env.UnlockByCommand(env.Context, "nobody", term.UnlockingMistyped); err != models.ErrNotFound {
			t.Errorf("nobody's account: %v", err)
		}
		if err := env.UnlockByCommand(env.Context, v.account, "boredom"); !errors.Is(err, models.ErrUnknownReason) {
			t.Errorf("no reason that there is: %v", err)
		}
		if got := env.Events(t, before); len(got) != 0 {
			t.Errorf("refusals left %v", got)
		}
		for range 6 {
			_, _ = env.Match(env.Context, v.operator, v.account, wrongCode(t, v, func(s string) string { return s }))
		}
		env.Clock.Advance(time.Second)
		if err := env.UnlockByCommand(env.Context, v.account, term.UnlockingPersonKnown); err != nil {
			t.Fatal(err)
		}
		if facts := byTheCommand(t, env, audit.MatchUnlocked, v.account); facts.Reason != "person known" {
			t.Errorf("the reason is %q", facts.Reason)
		}
		if err := v.do("match", v.operator); err != nil {
			t.Errorf("a code after it: %v", err)
		}
	})
}

// A command ends the sessions of one, or of all: each is refused at once, and is one event. What rests for longer than some
// server lets a session rest ends too, and what is over by itself has no event.
func TestCommandEndsSessions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		old := signInAt(t, env, "old", "", models.Operator)
		env.Clock.Advance(13 * time.Hour)
		desk, office := signInAt(t, env, "ada", "", models.Operator), signInAt(t, env, "ada", "", models.Supervisor)
		bob := signInAt(t, env, "bob", "", models.Administrator)
		ada, err := env.Session(env.Context, desk)
		if err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if n, err := env.EndSessionsByCommand(env.Context, ada.Staff.ID); n != 2 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		if isLive(t, env, desk) || isLive(t, env, office) || !isLive(t, env, bob) {
			t.Error("all of one of the staff end, and nobody else's")
		}
		facts := byTheCommand(t, env, audit.StaffSignedOut, "")
		if facts.Staff != ada.Staff.ID || facts.Reason != "ended by an administrator" {
			t.Errorf("the event is %+v", facts)
		}
		env.Clock.Advance(time.Hour) // nobody has clicked for longer than a session may rest here
		if n, err := env.EndSessionsByCommand(env.Context, ""); n != 1 || err != nil || isLive(t, env, bob) || isLive(t, env, old) {
			t.Errorf("ended %d of all, %v", n, err)
		}
		if n, err := env.EndSessionsByCommand(env.Context, ""); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.StaffSignedOut}, 3)) {
			t.Errorf("events %v", got)
		}
	})
}

// More sessions than end in one transaction end all the same, also where many end at the same moment by themselves.
func TestCommandEndsManySessions(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	for range 230 {
		signInAt(t, env, "ada", "", models.Operator)
	}
	if open, err := env.OpenSessions(env.Context); open != 230 || err != nil {
		t.Errorf("%d are open, %v", open, err)
	}
	ada, err := env.StaffSeen(env.Context, models.StaffCursor{}, 1)
	if err != nil || len(ada) != 1 {
		t.Fatal(err)
	}
	for range 120 {
		signInAt(t, env, "bob", "", models.Operator)
	}
	if n, err := env.EndSessionsByCommand(env.Context, ada[0].ID); n != 230 || err != nil {
		t.Errorf("ended %d of one, %v", n, err)
	}
	if n, err := env.EndSessionsByCommand(env.Context, ""); n != 120 || err != nil {
		t.Errorf("ended %d of all, %v", n, err)
	}
	if open, err := env.OpenSessions(env.Context); open != 0 || err != nil {
		t.Errorf("%d are open, %v", open, err)
	}
}

// A command disconnects one device, all of an account, or all that a client instance has; each is an event, and its tokens are
// dead at once.
func TestCommandRevokes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		h := newHousehold(t, env, 4)
		revoke := func(named models.BindingsNamed, want int, subject string) {
			t.Helper()
			before := env.LastEvent(t)
			if n, err := env.RevokeByCommand(env.Context, named, term.RecallDeviceLost); n != want || err != nil {
				t.Errorf("%+v: ended %d, %v", named, n, err)
			}
			if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DeviceBindingRevoked}, want)) {
				t.Errorf("%+v: events %v", named, got)
			}
			if want > 0 {
				if facts := byTheCommand(t, env, audit.DeviceBindingRevoked, subject); facts.Reason != "device_lost" || facts.Binding == "" {
					t.Errorf("the event is %+v", facts)
				}
			}
		}
		one := h.bindings[0]
		revoke(models.BindingsNamed{Binding: one.ID}, 1, h.account)
		if _, err := env.LiveBinding(env.Context, one.ID); err != models.ErrBindingRevoked || h.live(t) != 3 {
			t.Errorf("one: %v, %d live", err, h.live(t))
		}
		revoke(models.BindingsNamed{Binding: one.ID}, 0, "")
		revoke(models.BindingsNamed{Client: h.bindings[1].ClientID}, 1, h.account)
		revoke(models.BindingsNamed{Account: h.account}, 2, h.account)
		revoke(models.BindingsNamed{Account: h.account}, 0, "")
		for _, nobody := range []models.BindingsNamed{{Binding: "x"}, {Client: "x"}, {Account: "x"}} {
			if _, err := env.RevokeByCommand(env.Context, nobody, term.RecallOther); err != models.ErrNotFound {
				t.Errorf("%+v: %v", nobody, err)
			}
			if _, err := env.BindingsForCommand(env.Context, nobody); err != models.ErrNotFound {
				t.Errorf("%+v: %v", nobody, err)
			}
		}
		list, err := env.BindingsForCommand(env.Context, models.BindingsNamed{Account: h.account})
		if err != nil || len(list.Bindings) != 4 || list.Live != 0 || list.NotShown != 0 {
			t.Errorf("%d are listed, %d live, %d more: %v", len(list.Bindings), list.Live, list.NotShown, err)
		}
		all := models.BindingsNamed{Account: h.account}
		if _, err := env.RevokeByCommand(env.Context, all, "mood"); !errors.Is(err, models.ErrUnknownReason) {
			t.Errorf("no reason that there is: %v", err)
		}
	})
}

// A request is found by its identifier and by its binding's, with what its device is told by; the record that it is of is opened,
// as an event. One that names no account opens none.
func TestCommandShowsARequest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		binding, err := env.BindingOf(env.Context, v.codes.DeviceAuthorizationID)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{v.codes.DeviceAuthorizationID, binding.ID} {
			shown, err := env.ShowRequestByCommand(env.Context, name)
			if err != nil || shown.ID != v.codes.DeviceAuthorizationID || !shown.Phase.Is(models.Approved) || shown.AccountStatus != "active" ||
				shown.ClientStatus != "active" || shown.DecidedCounter == "" || shown.Binding.ID != binding.ID {
				t.Errorf("%s: %+v, %v", name, shown, err)
			}
			if facts := byTheCommand(t, env, audit.AccountOpened, v.account); facts.QueryKind != "request" {
				t.Errorf("the event is %+v", facts)
			}
		}
		stray := env.Request(t, v.client, "nobody@example.com")
		before := env.LastEvent(t)
		if shown, err := env.ShowRequestByCommand(env.Context, stray.DeviceAuthorizationID); err != nil || shown.AccountID != nil {
			t.Errorf("%+v, %v", shown, err)
		}
		if _, err := env.ShowRequestByCommand(env.Context, "x"); err != models.ErrNotFound {
			t.Errorf("no request: %v", err)
		}
		if got := env.Events(t, before); len(got) != 0 {
			t.Errorf("events %v", got)
		}
	})
}

// That a test message is sent stands in the trail, with the account whose contact gets it and the way, and without the contact.
func TestCommandTestsNotices(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "ada@example.com")
		for _, way := range term.NoticeTests() {
			if err := env.TestNoticeByCommand(env.Context, account, way); err != nil {
				t.Fatal(err)
			}
			if facts := byTheCommand(t, env, audit.NoticeTested, account); facts.Reason != string(way) {
				t.Errorf("the event is %+v", facts)
			}
		}
		if err := env.TestNoticeByCommand(env.Context, "", term.TestAlertMail); err != nil {
			t.Fatal(err)
		}
		byTheCommand(t, env, audit.NoticeTested, "")
		if err := env.TestNoticeByCommand(env.Context, "nobody", term.TestMail); err != models.ErrNotFound {
			t.Errorf("nobody's account: %v", err)
		}
	})
}

// Who is meant by a name: exactly, or several of the same, or who is near.
func TestFindStaff(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		signIn := func(issuer, subject, name string) {
			_, err := env.StartSession(env.Context, env.SignInBegun(t), models.Identity{Issuer: issuer, Subject: subject, Name: name,
				Roles: []models.Role{models.Operator}, AuthenticatedAt: env.Clock.Now()}, "", modelstest.Address)
			if err != nil {
				t.Fatal(err)
			}
		}
		signIn("https://staff.example", "s-1", "Ada Lovelace")
		signIn("https://staff.example", "s-2", "Ada Byron")
		signIn("https://other.example", "s-2", "Grace Hopper")
		for _, c := range []struct {
			name        string
			found, near []string
		}{
			{"ada lovelace", []string{"Ada Lovelace"}, nil},
			{"s-1", []string{"Ada Lovelace"}, nil},
			{"s-2", []string{"Ada Byron", "Grace Hopper"}, nil},
			{"Ada", nil, []string{"Ada Byron", "Ada Lovelace"}},
			{"Grace Hopper (county)", nil, []string{"Grace Hopper"}},
			{"Nobody", nil, nil},
		} {
			found, near, err := env.FindStaff(env.Context, c.name)
			if err != nil || !slices.Equal(staffNames(found), c.found) || len(c.found) == 0 && !slices.Equal(staffNames(near), c.near) {
				t.Errorf("%q: %v, near %v, %v", c.name, staffNames(found), staffNames(near), err)
			}
		}
		all, _, err := env.FindStaff(env.Context, "s-1")
		if err != nil || len(all) != 1 {
			t.Fatal(err)
		}
		if found, _, err := env.FindStaff(env.Context, all[0].ID); err != nil || len(found) != 1 || found[0].Subject != "s-1" {
			t.Errorf("by the identifier: %v, %v", found, err)
		}
	})
}

func staffNames(list []models.Staff) (names []string) {
	for _, one := range list {
		names = append(names, one.Name)
	}
	return names
}
