package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// newLogOf makes a log with n approvals.
func newLogOf(t *testing.T, table string, n int) *fixture {
	t.Helper()
	f := newFixture(t, table)
	f.growTo(n)
	return f
}

// growTo appends approvals until the log has n entries.
func (f *fixture) growTo(n int) {
	f.Helper()
	err := f.db.Transaction(func(tx *gorm.DB) error {
		for seq := int64(0); seq < int64(n); {
			entry, err := f.log.Append(tx, testTime, approval())
			if err != nil {
				return err
			}
			seq = entry.Seq
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// wantProblem verifies, and expects entry seq to be the first bad one.
func (f *fixture) wantProblem(seq int64, reason string) {
	f.Helper()
	r := f.verify()
	if r.OK() || r.First.Seq != seq || !strings.Contains(r.First.Reason, reason) {
		f.Errorf("want entry %d: %s; got %d sound, then %+v", seq, reason, r.Entries, r.First)
	}
}

func (f *fixture) entry(seq int64) Entry {
	f.Helper()
	var entry Entry
	if err := f.db.Take(&entry, "seq = ?", seq).Error; err != nil {
		f.Fatal(err)
	}
	return entry
}

func TestVerifySoundLogs(t *testing.T) {
	f := newFixture(t, testTable)
	for _, n := range []int{0, 1, 5, batchSize - 1, batchSize, batchSize + 1, 2 * batchSize} {
		f.growTo(n)
		if r := f.verify(); !r.OK() || r.Entries != int64(n) {
			t.Errorf("%d entries: %+v %+v", n, r, r.First)
		}
	}
}

func TestVerifyAcrossKeys(t *testing.T) {
	f := newLogOf(t, testTable, 2)
	old := f.keys()
	f.log.Signer = newKey(t, "key-2")
	f.append(approval())
	f.wantProblem(1, `kid "key-1" is not a key of this log`)
	both := jose.JSONWebKeySet{Keys: append(old.Keys, f.keys().Keys...)}
	if r, err := Verify(t.Context(), f.db, testIssuer, both); err != nil || !r.OK() || r.Entries != 3 {
		t.Errorf("%+v %+v %v", r, r.First, err)
	}
}

func TestVerifyNamesTheFirstOfSeveral(t *testing.T) {
	f := newLogOf(t, testTable, 5)
	f.exec("UPDATE audit_events SET staff_id = 'staff_8' WHERE seq IN (3, 5)")
	f.exec("DELETE FROM audit_events WHERE seq = 4")
	f.wantProblem(3, "column staff_id differs from the SET")
	if r := f.verify(); r.Entries != 2 {
		t.Errorf("%d sound", r.Entries)
	}
}

func TestVerifyColumns(t *testing.T) {
	for column, value := range map[string]any{
		"jti": "other", "type": "code-matched", "occurred_at": testTime.UnixMilli() + 1, "txn": "", "account_id": "acc_42",
		"client_id": "client_6", "staff_id": "staff_8", "counter_id": "library", "device_authorization_id": "da_9", "kid": "key-2",
	} {
		f := newLogOf(t, testTable, 4)
		f.exec("UPDATE audit_events SET "+column+" = ? WHERE seq = 3", value)
		f.wantProblem(3, "column "+column+" differs from the SET")
	}
}

func TestVerifyColumnsOfAnotherKind(t *testing.T) {
	for column, value := range map[string]any{
		"occurred_at": "yesterday", "account_id": nil, "txn": 7, "kid": []byte("key-1\x00"), "set_text": nil,
	} {
		f := newLogOf(t, looseTable, 4)
		f.exec("UPDATE audit_events SET "+column+" = ? WHERE seq = 3", value)
		if r := f.verify(); r.OK() || r.First.Seq != 3 {
			t.Errorf("%s: %+v %+v", column, r, r.First)
		}
	}
}

func TestVerifyOrder(t *testing.T) {
	for _, test := range []struct {
		name, tamper string
		seq          int64
		reason       string
	}{
		{"first deleted", "DELETE FROM audit_events WHERE seq = 1", 1, "missing"},
		{"middle deleted", "DELETE FROM audit_events WHERE seq IN (3, 4)", 3, "missing"},
		{"deleted and closed up", "DELETE FROM audit_events WHERE seq = 3; UPDATE audit_events SET seq = seq - 1 WHERE seq > 3", 3,
			"seq differs from the SET, which is entry 4"},
		{"swapped", "UPDATE audit_events SET seq = 7 - seq WHERE seq IN (3, 4)", 3, "seq differs from the SET, which is entry 4"},
		{"twice", "INSERT INTO audit_events SELECT * FROM audit_events WHERE seq = 3", 3, "seq is used twice"},
		{"replayed as the newest",
			"INSERT INTO audit_events SELECT 6, 'new', type, occurred_at, txn, account_id, client_id, staff_id, counter_id, " +
				"device_authorization_id, kid, set_text, packed FROM audit_events WHERE seq = 3",
			6, "seq differs from the SET, which is entry 3"},
		{"zero", "UPDATE audit_events SET seq = 0 WHERE seq = 3", 0, "seq is before the first entry"},
		{"negative", "UPDATE audit_events SET seq = -3 WHERE seq = 3", -3, "seq is before the first entry"},
		{"a word", "UPDATE audit_events SET seq = 'five' WHERE seq = 5", 5, "seq is not a number"},
		{"nothing", "UPDATE audit_events SET seq = NULL WHERE seq = 3", 1, "seq is not a number"},
		{"far away", "UPDATE audit_events SET seq = 9223372036854775807 WHERE seq = 5", 5, "missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, looseTable, 5)
			f.exec(test.tamper)
			f.wantProblem(test.seq, test.reason)
		})
	}
}

// A second row with the number that ends a batch is neither skipped nor read forever.
func TestVerifyOrderAtTheEndOfABatch(t *testing.T) {
	f := newLogOf(t, looseTable, batchSize+5)
	for _, seq := range []int{batchSize + 1, batchSize, batchSize - 1} {
		f.exec("INSERT INTO audit_events SELECT * FROM audit_events WHERE seq = ?", seq)
		f.wantProblem(int64(seq), "seq is used twice")
		f.exec("DELETE FROM audit_events WHERE seq = ?", seq)
		f.wantProblem(int64(seq), "missing")
	}
}

// Only an earlier count shows this: see the comment on Verify.
func TestVerifyCannotSeeTheNewestDeleted(t *testing.T) {
	f := newLogOf(t, testTable, 5)
	f.exec("DELETE FROM audit_events WHERE seq > 3")
	if r := f.verify(); !r.OK() || r.Entries != 3 {
		t.Errorf("%+v %+v", r, r.First)
	}
}

func TestVerifyRefusesAMemberThatIsThereTwice(t *testing.T) {
	f := newLogOf(t, testTable, 4)
	payload := strings.Replace(string(payloadOf(f, f.entry(3).SET)), `"seq":3`, `"seq":9,"seq":3`, 1)
	forged := f.sign([]byte(payload), f.signingKey(), (&jose.SignerOptions{}).WithType(setType))
	f.exec("UPDATE audit_events SET set_text = ? WHERE seq = 3", forged)
	f.wantProblem(3, "claims are not those of a SET")
}

func TestVerifyForAnotherIssuer(t *testing.T) {
	f := newLogOf(t, testTable, 1)
	r, err := Verify(t.Context(), f.db, "https://other.example", f.keys())
	if err != nil || r.OK() || r.First.Reason != "iss is not https://other.example" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestVerifyReportsFaultsOfTheDatabase(t *testing.T) {
	f := newLogOf(t, testTable, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, f.db, testIssuer, f.keys()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	f.exec("DROP TABLE audit_events")
	if _, err := Verify(t.Context(), f.db, testIssuer, f.keys()); err == nil {
		t.Error("no table, no error")
	}
}

func TestDecodeRefusesWhatIsNoSET(t *testing.T) {
	f := newLogOf(t, testTable, 1)
	good := f.entry(1).SET
	for name, set := range map[string]string{
		"no token":  "approved",
		"typ":       f.resign(good, f.signingKey(), "JWT"),
		"no claims": f.sign([]byte(`[]`), f.signingKey(), (&jose.SignerOptions{}).WithType(setType)),
		"no seq": f.sign(fmt.Appendf(nil, `{"iss":%q,"events":{%q:{}}}`, testIssuer, TypeURI(testIssuer, CodeMatched)),
			f.signingKey(), (&jose.SignerOptions{}).WithType(setType)),
	} {
		if e, err := (Entry{SET: set}).Decode(); err == nil {
			t.Errorf("%s: decoded %+v", name, e)
		}
	}
}
