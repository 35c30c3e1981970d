package models_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// An event is found by its number and by its jti, with its neighbours of the same request, and is sound.
func TestEvent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		entry, _ := approved(t, env)
		if _, err := env.Sequence(env.Context); err != nil {
			t.Fatal(err)
		}
		for _, reference := range []string{fmt.Sprint(entry.Seq), entry.ID} {
			event, err := env.Event(env.Context, reference)
			if err != nil || event.Seq != entry.Seq || event.Proof.Problem != nil || event.Proof.Keys != nil || event.Unreadable {
				t.Fatalf("%s: %+v, %v", reference, event, err)
			}
			proof := event.Proof
			if proof.NamedBy != 1 || proof.NamedAt == 0 || proof.InTree != nil || proof.Inclusion.Index != event.Seq-1 ||
				event.Previous == 0 || event.Next != 0 {
				t.Errorf("%s: proof %+v, between %d and %d", reference, event.Proof, event.Previous, event.Next)
			}
			before, err := env.Event(env.Context, fmt.Sprint(event.Previous))
			if err != nil || before.Next != event.Seq || before.DeviceAuthorizationID != entry.DeviceAuthorizationID {
				t.Errorf("the event before leads on to %d, %v", before.Next, err)
			}
		}
		newest, err := env.Event(env.Context, fmt.Sprint(env.LastEvent(t)))
		if err != nil || newest.Proof.Problem != nil || newest.Proof.InTree != nil {
			t.Errorf("%v, %v, %v", newest.Proof.Problem, newest.Proof.InTree, err)
		}
		env.SignIn(t, "later", []models.Role{models.Supervisor})
		newest, err = env.Event(env.Context, fmt.Sprint(env.LastEvent(t)))
		if err != nil || newest.Proof.Problem != nil || !errors.Is(newest.Proof.InTree, models.ErrNotSequenced) {
			t.Errorf("what is not sequenced: %v, %v, %v", newest.Proof.Problem, newest.Proof.InTree, err)
		}
		for _, none := range []string{"0", "-1", "999999", "AAAA", "", "99999999999999999999"} {
			if _, err := env.Event(env.Context, none); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%q: %v, want ErrNotFound", none, err)
			}
		}
	})
}

// A key that took over is named by the entry of that.
func TestEventNamesWhatLetItsKeySign(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	approved(t, env) // and rotated
	rotated, err := audit.List(env.Reader(), audit.Filter{Type: audit.SigningKeyRotated, Limit: 1})
	if err != nil || len(rotated) != 1 {
		t.Fatal(rotated, err)
	}
	env.SignIn(t, "after", []models.Role{models.Supervisor})
	event, err := env.Event(env.Context, fmt.Sprint(env.LastEvent(t)))
	if err != nil || event.Proof.NamedBy != rotated[0].Seq || int64(event.Proof.NamedAt) != rotated[0].OccurredAt {
		t.Errorf("proof %+v, %v; want entry %d", event.Proof, err, rotated[0].Seq)
	}
}

// signedOtherwise is the token with another character in its signature.
func signedOtherwise(set string) string {
	at, other := len(set)-20, "A"
	if set[at] == 'A' {
		other = "Q"
	}
	return set[:at] + other + set[at+1:]
}

// docs/protocol.md §12: what somebody has changed in the database is said on the page of the entry, and what exactly; the
// trail's other entries can be read all the same.
func TestEventSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, set string
		want      audit.Fault
		words     string
	}{
		{"another operator in the column", "staff_id = 'somebodyelse'", audit.FaultRow, "column staff_id differs from the SET"},
		{"an hour later in the column", "occurred_at = occurred_at + 3600000", audit.FaultRow, "column occurred_at differs"},
		{"no token", "set_text = 'gone'", audit.FaultToken, "not a signed token"},
		{"a packed token that is cut off", "packed = substr(packed, 1, 99)", audit.FaultToken, "unpack a token: "},
		{"a text beside the packed token", "set_text = 'x.y.z'", audit.FaultToken, "not a signed token"},
		{"another signature", "set_text = 'another signature'", audit.FaultSignature, "signature is not of key"},
	}
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		entry, _ := approved(t, env)
		if _, err := env.Sequence(env.Context); err != nil {
			t.Fatal(err)
		}
		var stored audit.Entry // as it lies in the table
		as := env.Reader().Session(&gorm.Session{SkipHooks: true})
		if err := as.Where("seq = ?", entry.Seq).First(&stored).Error; err != nil || stored.SET != "" || stored.Packed == "" {
			t.Fatalf("%+v, %v", stored, err)
		}
		i := newIntruder(t, env)
		for _, test := range tests {
			test.set = strings.ReplaceAll(test.set, "another signature", signedOtherwise(entry.SET))
			change := fmt.Sprintf("UPDATE audit_events SET %s WHERE seq = %d", test.set, entry.Seq)
			i.unguarded(func() { trailAfter(t, env, []string{change}) })
			event, err := env.Event(env.Context, fmt.Sprint(entry.Seq))
			fault, _ := errors.AsType[*audit.FaultError](event.Proof.Problem)
			if err != nil || fault == nil || fault.Fault != test.want || !strings.Contains(fault.Error(), test.words) {
				t.Errorf("%s: %v, %v", test.name, event.Proof.Problem, err)
			}
			_, refused := errors.AsType[*models.LogRefusedError](event.Proof.InTree)
			if changed := strings.HasPrefix(test.set, "set_text") || strings.HasPrefix(test.set, "packed"); changed != refused {
				t.Errorf("%s: in the tree: %v", test.name, event.Proof.InTree)
			}
			if rows, err := env.Trail(env.Context, audit.Filter{}); err != nil || len(rows) < 10 {
				t.Errorf("%s: the trail has %d rows, %v", test.name, len(rows), err)
			}
			i.unguarded(func() {
				err := models.WriterForTest(env.Database).Model(&audit.Entry{}).Where("seq = ?", entry.Seq).Select("*").Updates(&stored).Error
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

// An entry that somebody signed with a key of theirs, in the place of another: neither the key nor what names it is vouched for.
func TestEventOfAnInsertedKey(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	entry, staff := approved(t, env)
	i := newIntruder(t, env)
	i.unguarded(func() {
		i.insertKey(keys.Retired)
		i.sign(entry, staff, "somebody-else")
	})
	event, err := env.Event(env.Context, fmt.Sprint(entry.Seq))
	fault, _ := errors.AsType[*audit.FaultError](event.Proof.Problem)
	if err != nil || fault == nil || fault.Fault != audit.FaultKey || event.Proof.NamedBy != 0 {
		t.Errorf("%+v, %v", event.Proof, err)
	}
}
