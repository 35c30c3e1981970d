package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
)

// searched is an event from an address, of an account.
func searched() Event {
	d, _ := Lookup(AccountSearched)
	e := example(d, d.Required)
	e.Subject, e.Facts.Address = "acc_41", "203.0.113.77"
	return e
}

func (f *fixture) details(seq int64) []DetailRow {
	f.Helper()
	rows, err := DetailsOf(f.db, []int64{seq})
	if err != nil {
		f.Fatal(err)
	}
	return rows[seq]
}

func (f *fixture) verifyDetails() DetailReport {
	f.Helper()
	report, err := VerifyDetails(f.Context(), f.db)
	if err != nil {
		f.Fatal(err)
	}
	return report
}

// Details are found of more entries than a statement takes values.
func TestDetailsOfManyEntries(t *testing.T) {
	f := newFixture(t, testTable)
	first, last := f.append(searched()), f.append(searched())
	seqs := []int64{first.Seq}
	for i := range int64(40_000) {
		seqs = append(seqs, 1000+i)
	}
	all, err := DetailsOf(f.db, append(seqs, last.Seq))
	if err != nil || len(all) != 2 || len(all[first.Seq]) != 1 || len(all[last.Seq]) != 1 {
		t.Errorf("%d of them, %v", len(all), err)
	}
}

// No new event says an address: it is in a row beside the log, which the event's hash binds.
func TestAddressesLieBesideTheLog(t *testing.T) {
	f := newFixture(t, testTable)
	entry, again := f.append(searched()), f.append(searched())
	said := string(payloadOf(f, entry.SET))
	if strings.Contains(said, "203.0.113.77") || !strings.Contains(said, `"details":{"address":"`) {
		t.Errorf("the event says %s", said)
	}
	rows := f.details(entry.Seq)
	if len(rows) != 1 || rows[0].Detail() != (Detail{Field: DetailAddress, After: "203.0.113.77"}) || rows[0].AccountID != "acc_41" ||
		rows[0].OccurredAt != entry.OccurredAt || rows[0].Personal != 1 || len(rows[0].Salt) != 43 {
		t.Fatalf("rows %+v", rows)
	}
	event, err := entry.Decode()
	if err != nil || event.Facts.Details[DetailAddress] != rows[0].Hash() || event.Facts.Address != "" {
		t.Errorf("decoded %+v, %v", event, err)
	}
	if f.details(again.Seq)[0].Hash() == rows[0].Hash() {
		t.Error("one address has one hash: it can be followed through the log")
	}
	if r := f.verify(); !r.OK() {
		t.Errorf("first %+v", r.First)
	}
}

// The parts of a detail cannot be moved, and the salt is the key.
func TestHashOfADetail(t *testing.T) {
	all := map[string]bool{}
	for _, row := range []DetailRow{
		{Field: "name", Before: "Anna", After: "Berta", Salt: "s"}, {Field: "name", Before: "Berta", After: "Anna", Salt: "s"},
		{Field: "name", Before: "AnnaB", After: "erta", Salt: "s"}, {Field: "nameA", Before: "nna", After: "Berta", Salt: "s"},
		{Field: "name", Before: "Anna", After: "Berta", Salt: "t"}, {Field: "contact", Before: "Anna", After: "Berta", Salt: "s"},
	} {
		all[row.Hash()] = true
	}
	if len(all) != 6 {
		t.Errorf("%d hashes of 6 rows", len(all))
	}
}

func TestRefusedDetails(t *testing.T) {
	for name, change := range map[string]func(*Event){
		"fact address is not an IP address":   func(e *Event) { e.Facts.Address = "somewhere" },
		"fact address does not look like one": func(e *Event) { e.Facts.Address = "fe80::1%eth0" },
		`fact details has an unexpected`:      func(e *Event) { e.Details = []Detail{{Field: "shoe size", After: "41"}} },
		`detail "address" is there twice`:     func(e *Event) { e.Details = []Detail{{Field: DetailAddress, After: "192.0.2.7"}} },
		`holds a NUL`:                         func(e *Event) { e.Details = []Detail{{Field: "name", After: "a\x00b"}} },
	} {
		f := newFixture(t, testTable)
		e := searched()
		change(&e)
		_, err := f.log.Append(f.db, testTime, e)
		var invalid *InvalidEventError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
		if r := f.verifyDetails(); r != (DetailReport{}) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Whoever changes a row beside the log is found, whatever they change; so is who makes one, and who takes one away.
func TestVerifyDetails(t *testing.T) {
	for change, want := range map[string]string{
		"SELECT 1": "",
		"UPDATE event_details SET text_after = '203.0.113.78' WHERE seq = 2": `2: the detail "address" is not what the event says`,
		"UPDATE event_details SET text_before = 'x' WHERE seq = 2":           `2: the detail "address" is not what the event says`,
		"UPDATE event_details SET salt = 'x' WHERE seq = 2":                  `2: the detail "address" is not what the event says`,
		"UPDATE event_details SET account_id = '' WHERE seq = 2":             `2: the row of the detail "address" names another account or time`,
		"UPDATE event_details SET occurred_at = 5 WHERE seq = 2":             `2: the row of the detail "address" names another account or time`,
		"UPDATE event_details SET personal = 0 WHERE seq = 2":                `2: the row of the detail "address" names another account or time`,
		"UPDATE event_details SET field = 'name' WHERE seq = 2":              `2: the event has no detail "name"`,
		"DELETE FROM event_details WHERE seq = 2":                            `2: the detail "address" is missing, and no event says`,
		"UPDATE event_details SET seq = 9 WHERE seq = 3":                     "in 2 rows, first of entry 3",
		"UPDATE event_details SET seq = -4 WHERE seq = 3":                    "-4: no event with this number has any details",
	} {
		f := newFixture(t, testTable)
		for range 3 {
			f.append(searched())
		}
		f.exec(change)
		report := f.verifyDetails()
		got := report.Problem()
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", change, got, want)
		}
	}
}

// What a sweep removed is accounted for by its event, and no more than that.
func TestSweptDetails(t *testing.T) {
	f := newFixture(t, testTable)
	counter, _ := Lookup(CounterChanged)
	old := f.append(searched())
	f.append(example(counter, counter.Required))
	d, _ := Lookup(RowsSwept)
	swept := example(d, d.Required)
	swept.Facts.Reason, swept.Facts.Before = string(term.SweptDetails), new(testTime.Unix()-1)
	f.exec("DELETE FROM event_details WHERE seq = ?", old.Seq)

	f.append(swept)
	if r := f.verifyDetails(); r.Wrong != 1 || r.Gone != 0 {
		t.Errorf("a sweep of before accounts for it: %+v", r)
	}
	swept.Facts.Reason, swept.Facts.Before = string(term.SweptSessions), new(testTime.Unix())
	f.append(swept)
	if r := f.verifyDetails(); r.Wrong != 1 {
		t.Errorf("a sweep of something else accounts for it: %+v", r)
	}
	swept.Facts.Reason = string(term.SweptDetails)
	f.append(swept)
	if r := f.verifyDetails(); r.Wrong != 0 || r.Gone != 1 {
		t.Errorf("a sweep does not account for it: %+v", r)
	}
}

// What was removed of an account that was erased is accounted for by the event that says so, whether it is searchable yet or not,
// and nothing that came after it.
func TestDetailsOfAnErasedAccount(t *testing.T) {
	d, _ := Lookup(AccountErased)
	erasing := example(d, d.Required)
	erasing.Subject = "acc_41"
	for _, filled := range []bool{false, true} {
		f := newFixture(t, testTable)
		before := f.append(searched())
		f.append(erasing)
		after := f.append(searched())
		if filled {
			if _, err := FillSearch(f.db); err != nil {
				t.Fatal(err)
			}
		}
		f.exec("DELETE FROM event_details WHERE seq = ?", before.Seq)
		if r := f.verifyDetails(); r.Wrong != 0 || r.Gone != 1 {
			t.Errorf("filled %v: before it: %+v", filled, r)
		}
		f.exec("DELETE FROM event_details WHERE seq = ?", after.Seq)
		if r := f.verifyDetails(); r.Wrong != 1 || r.First.Seq != after.Seq {
			t.Errorf("filled %v: after it: %+v", filled, r)
		}
	}
}

// Events of before say addresses in clear: they are sound, and nothing writes one any more.
func TestFormerFacts(t *testing.T) {
	f := newFixture(t, testTable)
	facts, err := f.log.checked(searched())
	if err != nil {
		t.Fatal(err)
	}
	c := newClaims(testIssuer, "jti-1", 1, testTime.Add(-time.Hour), searched(), facts)
	set, err := sign(c, f.log.Signer)
	if err != nil {
		t.Fatal(err)
	}
	entry := newEntry(c, 1, searched(), f.log.Signer.KeyID, set)
	if err := f.db.Create(&entry).Error; err != nil {
		t.Fatal(err)
	}
	event, err := entry.Decode()
	if r, d := f.verify(), f.verifyDetails(); err != nil || !r.OK() || d.Wrong != 0 || event.Facts.Address != "203.0.113.77" {
		t.Errorf("%+v %+v %+v %v", r, d, event, err)
	}
}
