package audit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// RFC 8417 §2.2 and §2.3, SSF 1.0 (sub_id, no sub, no exp), RFC 9493 §3.2.4.
func TestAppendWritesTheSET(t *testing.T) {
	f := newFixture(t, testTable)
	f.log.Rand = bytes.NewReader(make([]byte, 16))
	entry := f.append(approval())

	parts := strings.Split(entry.SET, ".")
	if got, want := decoded(t, parts[0]), `{"alg":"ES256","kid":"key-1","typ":"secevent+jwt"}`; got != want {
		t.Errorf("header %s", got)
	}
	want := `{"iss":"https://countersign.example","iat":1777816931.123,"jti":"Ori8Ngn---------------","toe":1777816931.123,` +
		`"txn":"visit_9","sub_id":{"format":"iss_sub","iss":"https://countersign.example","sub":"acc_41"},` +
		`"events":{"https://countersign.example/secevent/event-type/device-binding-approved":{"actor":{"staff":"staff_7"},` +
		`"binding":"bind_2","counter":"town-hall","device":{"client":"client_5","key_thumbprint":"` + testThumbprint + `"},` +
		`"device_authorization":"da_8","presence":"code only","proofing":"proof_6",` +
		`"redeem_until":1778421731,"scope":"profile wallet","seq":1,"session":"ses_3"}}}`
	if got := decoded(t, parts[1]); got != want {
		t.Errorf("claims %s\nwant   %s", got, want)
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAppendWritesTheRow(t *testing.T) {
	f := newFixture(t, testTable)
	entry := f.append(approval())
	want := Entry{
		Seq: 1, ID: entry.ID, Type: "device-binding-approved", OccurredAt: testTime.UnixMilli(), Transaction: "visit_9",
		AccountID: "acc_41", ClientID: "client_5", StaffID: "staff_7", CounterID: "town-hall",
		DeviceAuthorizationID: "da_8", KeyID: "key-1", SET: entry.SET,
	}
	var stored Entry
	if err := f.db.Take(&stored).Error; err != nil {
		t.Fatal(err)
	}
	if entry != want || stored != want {
		t.Errorf("returned %+v\nstored   %+v\nwant     %+v", entry, stored, want)
	}
	if len(entry.ID) != 22 {
		t.Errorf("jti %q", entry.ID)
	}
}

func TestEveryTypeIsAppendedVerifiedAndDecoded(t *testing.T) {
	f := newFixture(t, testTable)
	for i, d := range Catalogue() {
		e := example(d, append(append([]string{}, d.Required...), d.Optional...))
		e.Facts.Details = nil
		for _, field := range d.Details {
			e.Details = append(e.Details, Detail{Field: field, After: "192.0.2.7"})
		}
		entry := f.append(e)
		if entry.Seq != int64(i+1) {
			t.Errorf("%s has number %d", d.Type, entry.Seq)
		}
		got, err := entry.Decode()
		if len(got.Facts.Details) != len(d.Details) {
			t.Errorf("%s has the details %v", d.Type, got.Facts.Details)
		}
		e.Details, got.Facts.Details = nil, nil
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("decoded %+v, %v\nwant    %+v", got, err, e)
		}
	}
	if r := f.verify(); !r.OK() || r.Entries != int64(len(Catalogue())) {
		t.Errorf("report %+v %+v", r, r.First)
	}
}

func TestAppendFollowsItsTransaction(t *testing.T) {
	f := newFixture(t, testTable)
	f.append(approval())
	undone := errors.New("undone")
	err := f.db.Transaction(func(tx *gorm.DB) error {
		if _, err := f.log.Append(tx, testTime, approval()); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if entry := f.append(approval()); entry.Seq != 2 {
		t.Errorf("number %d after a rollback", entry.Seq)
	}
}

func TestConcurrentAppendsLeaveNoGap(t *testing.T) {
	f := newFixture(t, testTable)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				err := f.db.Transaction(func(tx *gorm.DB) error {
					_, err := f.log.Append(tx, testTime, approval())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if r := f.verify(); !r.OK() || r.Entries != 80 {
		t.Errorf("report %+v %+v", r, r.First)
	}
}

func TestAppendRefuses(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Log, *Event, *time.Time){
		"audit event \"device-binding-approved\": required fact actor missing": func(_ *Log, e *Event, _ *time.Time) { e.Facts.Actor = nil },
		"audit event identifier":  func(l *Log, _ *Event, _ *time.Time) { l.Rand = strings.NewReader("short") },
		"not a private P-256 key": func(l *Log, _ *Event, _ *time.Time) { l.Signer = l.Signer.Public() },
		"private P-256 key":       func(l *Log, _ *Event, _ *time.Time) { l.Signer = jose.JSONWebKey{Key: p384, KeyID: "key-1"} },
		"with a key identifier":   func(l *Log, _ *Event, _ *time.Time) { l.Signer.KeyID = "" },
		"time before 1970":        func(_ *Log, _ *Event, now *time.Time) { *now = time.Unix(-1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, testTable)
			log, event, now := f.log, approval(), testTime
			change(&log, &event, &now)
			if _, err := log.Append(f.db, now, event); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v", err)
			}
			if entries, err := List(f.db, Filter{}); err != nil || len(entries) != 0 {
				t.Errorf("entries %v, %v", entries, err)
			}
		})
	}
}

func TestAppendReportsFaultsOfTheDatabase(t *testing.T) {
	f := newFixture(t, testTable)
	f.exec("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'disk full'); END")
	if _, err := f.log.Append(f.db, testTime, approval()); err == nil || !strings.Contains(err.Error(), "insert audit event: disk full") {
		t.Errorf("got %v", err)
	}
	f.exec("DROP TABLE audit_events")
	if _, err := f.log.Append(f.db, testTime, approval()); err == nil || !strings.Contains(err.Error(), "last audit event") {
		t.Errorf("got %v", err)
	}
}

// RFC 7519 §2: NumericDate.
func TestInstantAsNumericDate(t *testing.T) {
	for text, ms := range map[string]int64{"1777816931": 1777816931000, "1777816931.007": 1777816931007, "0": 0} {
		var i instant
		if err := json.Unmarshal([]byte(text), &i); err != nil || int64(i) != ms {
			t.Errorf("%s is read as %d, %v", text, i, err)
		}
		if b, err := json.Marshal(i); err != nil || string(b) != text {
			t.Errorf("%d is written as %s, %v", ms, b, err)
		}
	}
	for _, text := range []string{"-1", "1.5", "1.0000", "1e9", `"1"`, "null", "99999999999999999999"} {
		if err := new(instant).UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}
