package models_test

import (
	"fmt"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// docs/decisions/0030-ending-rules.md beside docs/architecture.md §3: what a rule makes of a request in each state. What
// ended by one is declined, says which event did it, and takes no further step; the database keeps the state from before.
func TestEveryStateAndARule(t *testing.T) {
	table := map[string]map[models.State]models.State{
		"all that waits": {models.Pending: models.Declined, models.Matched: models.Matched, models.Proofed: models.Proofed,
			models.Approved: models.Approved, models.Redeemed: models.Redeemed, models.Declined: models.Declined},
		"the client": {models.Pending: models.Declined, models.Matched: models.Declined, models.Proofed: models.Declined,
			models.Approved: models.Declined, models.Redeemed: models.Redeemed, models.Declined: models.Declined},
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		for rule, becomes := range table {
			for _, from := range models.States() {
				t.Run(fmt.Sprintf("%s/%s/%s", dialect, rule, from), func(t *testing.T) {
					v := newVisit(t, modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{}))
					v.to(t, from)
					seq := v.ruled(t, rule)
					d, err := v.DeviceAuthorization(v.Context, v.codes.DeviceAuthorizationID)
					ended := from != models.Declined && becomes[from] == models.Declined
					if err != nil || d.State != becomes[from] || (d.EndedBySeq != 0) != ended || ended && d.EndedBySeq != seq {
						t.Fatalf("is %s by event %d (%v), want %s by %d", d.State, d.EndedBySeq, err, becomes[from], seq)
					}
					if ended {
						v.takesNoStep(t, from)
					}
				})
			}
		}
	}
}

// ruled makes the rule, and returns the number of its event.
func (v *visit) ruled(t *testing.T, rule string) int64 {
	t.Helper()
	var err error
	if rule == "the client" {
		err = v.DisableClient(v.Context, v.client.ID)
	} else {
		_, err = v.EndWaiting(v.Context, v.supervisor, v.account)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v.LastEvent(t)
}

func (v *visit) takesNoStep(t *testing.T, kept models.State) {
	t.Helper()
	for _, step := range []string{"match", "proof", "release", "approve", "decline", "recall", "redeem"} {
		if err := v.do(step, v.operator); err == nil {
			t.Errorf("%s is done", step)
		}
	}
	var stored string
	err := v.Reader().Raw("SELECT state FROM device_authorizations WHERE id = ?", v.codes.DeviceAuthorizationID).Scan(&stored).Error
	if err != nil || stored != string(kept) || v.state(t) != models.Declined {
		t.Errorf("is kept as %s (%v) and read as %s", stored, err, v.state(t))
	}
}
