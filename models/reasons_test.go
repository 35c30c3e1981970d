package models_test

import (
	"errors"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// A reason that is not of the set of its act is refused before anything is done: the
// page is not the only check. Nothing of it reaches the trail.
func TestReasonsOutOfTheirSetAreRefused(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Proofed)
	id := v.codes.DeviceAuthorizationID
	for name, act := range map[string]func() error{
		"decline, invented":       func() error { return v.Decline(v.Context, v.operator, id, "mood") },
		"decline, none":           func() error { return v.Decline(v.Context, v.operator, id, "") },
		"decline, of a recall":    func() error { return v.Decline(v.Context, v.operator, id, "customer_request") },
		"decline, of an ending":   func() error { return v.Decline(v.Context, v.operator, id, "not me") },
		"recall":                  func() error { return v.Recall(v.Context, v.supervisor, id, "recalled") },
		"end a binding":           func() error { return v.RevokeBinding(v.Context, v.supervisor, "binding", "wrong key") },
		"end all":                 func() error { _, err := v.RevokeAll(v.Context, v.supervisor, v.account, "mood"); return err },
		"return a visit":          func() error { return v.ReturnSecondApproval(v.Context, v.supervisor, "question", "wrong_person") },
		"suspend, of the other":   func() error { return v.SuspendAccount(v.Context, v.supervisor, v.account, "cleared") },
		"reinstate, of the other": func() error { return v.ReinstateAccount(v.Context, v.supervisor, v.account, "fraud suspected") },
	} {
		before := env.LastEvent(t)
		if err := act(); !errors.Is(err, models.ErrUnknownReason) {
			t.Errorf("%s: %v", name, err)
		}
		if events := env.Events(t, before); len(events) != 0 {
			t.Errorf("%s: events %v", name, events)
		}
	}
	if got := v.state(t); got != models.Proofed {
		t.Errorf("the request is %s", got)
	}
}
