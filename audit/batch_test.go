package audit

import (
	"crypto/ecdsa"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// inOne runs something in one transaction.
func (f *fixture) inOne(do func(tx *gorm.DB) error) {
	f.Helper()
	if err := f.db.Transaction(do); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) later(tx *gorm.DB, b *Batch) Entry {
	f.Helper()
	entry, err := b.Later(tx, &f.log, testTime, approval())
	if err != nil {
		f.Fatal(err)
	}
	return entry
}

// ids are the jti of the entries in the table, which is as it should be.
func (f *fixture) ids() (ids []string) {
	f.Helper()
	var stored []Entry
	if err := f.db.Order("seq").Find(&stored).Error; err != nil {
		f.Fatal(err)
	}
	for i, entry := range stored {
		if entry.Seq != int64(i+1) {
			f.Errorf("entry %d is number %d", i+1, entry.Seq)
		}
		ids = append(ids, entry.ID)
	}
	if report := f.verify(); !report.OK() || report.Entries != int64(len(stored)) {
		f.Errorf("%d of %d entries: %+v", report.Entries, len(stored), report.First)
	}
	return ids
}

func wantIDs(t *testing.T, got []string, want ...Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("there are %d entries, want %d", len(got), len(want))
	}
	for i, entry := range want {
		if got[i] != entry.ID || entry.Seq != int64(i+1) {
			t.Errorf("entry %d is %s, want %s, number %d", i+1, got[i], entry.ID, entry.Seq)
		}
	}
}

// docs/decisions/0082-signed-beside.md: what a batch inserts is what Append inserts, in its place, whoever has signed it.
func TestABatchInsertsWhatAppendInserts(t *testing.T) {
	f := newFixture(t, testTable)
	var all []Entry
	f.inOne(func(tx *gorm.DB) error {
		var b Batch
		first, err := f.log.Append(tx, testTime, approval())
		all = append(all, first)
		var signers sync.WaitGroup
		for range 20 {
			all = append(all, f.later(tx, &b))
			signers.Go(b.Sign)
		}
		signers.Wait()
		if number := b.Unsigned(); number != 0 {
			t.Errorf("nobody has signed %d", number)
		}
		all = append(all, f.later(tx, &b), f.later(tx, &b))
		if number := b.Unsigned(); number != 2 {
			t.Errorf("nobody has signed %d, want the last two", number)
		}
		if err := errors.Join(err, b.Insert(tx)); err != nil {
			return err
		}
		last, err := f.log.Append(tx, testTime, approval())
		all = append(all, last, f.later(tx, &b))
		return errors.Join(err, b.Insert(tx))
	})
	wantIDs(t, f.ids(), all...)

	var stored Entry
	if err := f.db.Take(&stored, "seq = 2").Error; err != nil {
		t.Fatal(err)
	}
	returned := all[1]
	if returned.SET != "" || stored.SET == "" {
		t.Errorf("returned %q, stored %q", returned.SET, stored.SET)
	}
	if returned.SET = stored.SET; returned != stored {
		t.Errorf("returned %+v\nstored   %+v", returned, stored)
	}
}

// An event is signed by the key of the moment at which it was recorded, though another one signs by then.
func TestABatchUnderTwoKeys(t *testing.T) {
	f := newFixture(t, testTable)
	before := f.log
	f.log.Signer = newKey(t, "key-2")
	f.inOne(func(tx *gorm.DB) error {
		var b Batch
		for _, log := range []*Log{&before, &f.log} {
			if _, err := b.Later(tx, log, testTime, approval()); err != nil {
				return err
			}
		}
		return b.Insert(tx)
	})
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{before.Signer.Public(), f.log.Signer.Public()}}
	report, err := Verify(f.Context(), f.db, testIssuer, keys)
	if err != nil || !report.OK() || report.Entries != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	var kids []string
	if err := f.db.Raw("SELECT kid FROM audit_events ORDER BY seq").Scan(&kids).Error; err != nil || strings.Join(kids, " ") != "key-1 key-2" {
		t.Errorf("signed by %v, %v", kids, err)
	}
}

// What a rolled back part of the transaction has appended is gone, and its number is the next one's; what it had inserted of what
// was appended before is inserted again.
func TestABatchGoesBack(t *testing.T) {
	f := newFixture(t, testTable)
	var all []Entry
	f.inOne(func(tx *gorm.DB) error {
		var b Batch
		all = append(all, f.later(tx, &b), f.later(tx, &b))
		for range 2 {
			mark := b.Mark()
			tx.SavePoint("part")
			f.later(tx, &b)
			b.Sign()
			if err := b.Insert(tx); err != nil {
				return err
			}
			f.later(tx, &b)
			tx.RollbackTo("part")
			b.Back(mark)
		}
		if len(f.storedIn(tx)) != 0 {
			t.Error("the part has left something in the table")
		}
		all = append(all, f.later(tx, &b))
		return b.Insert(tx)
	})
	wantIDs(t, f.ids(), all...)
}

func (f *fixture) storedIn(tx *gorm.DB) (entries []Entry) {
	f.Helper()
	if err := tx.Find(&entries).Error; err != nil {
		f.Fatal(err)
	}
	return entries
}

// An event that the catalogue refuses is refused at once, takes no number and leaves nothing in the batch.
func TestABatchRefusesAtOnce(t *testing.T) {
	f := newFixture(t, testTable)
	var all []Entry
	f.inOne(func(tx *gorm.DB) error {
		var b Batch
		wrong := approval()
		wrong.Subject = ""
		if _, err := b.Later(tx, &f.log, testTime, wrong); !isInvalid(err) {
			t.Errorf("without an account: %v", err)
		}
		twice := approval()
		twice.Details = []Detail{{Field: DetailName, After: "a"}, {Field: DetailName, After: "b"}}
		if _, err := b.Later(tx, &f.log, testTime, twice); !isInvalid(err) {
			t.Errorf("one detail twice: %v", err)
		}
		f.log.Rand = strings.NewReader("")
		if _, err := b.Later(tx, &f.log, testTime, approval()); !errors.Is(err, io.EOF) {
			t.Errorf("without randomness: %v", err)
		}
		f.log.Rand = strings.NewReader(strings.Repeat("random", 100))
		all = append(all, f.later(tx, &b))
		return b.Insert(tx)
	})
	wantIDs(t, f.ids(), all...)
}

func isInvalid(err error) bool {
	_, is := errors.AsType[*InvalidEventError](err)
	return is
}

// An event that cannot be signed, whoever tries, is an error of Insert, and nothing behind it is inserted.
func TestABatchThatCannotBeSigned(t *testing.T) {
	for name, spoil := range map[string]func(l *Log){
		"not a private P-256 key": func(l *Log) { l.Signer.Key = nil },
		"panic": func(l *Log) {
			l.Signer.Key = &ecdsa.PrivateKey{PublicKey: l.Signer.Key.(*ecdsa.PrivateKey).PublicKey}
		},
	} {
		f := newFixture(t, testTable)
		bad := f.log
		spoil(&bad)
		stop := errors.New("stop")
		err := f.db.Transaction(func(tx *gorm.DB) error {
			var b Batch
			f.later(tx, &b)
			if _, err := b.Later(tx, &bad, testTime, approval()); err != nil {
				t.Fatal(err)
			}
			f.later(tx, &b)
			beside := make(chan struct{})
			go func() { defer close(beside); b.Sign() }()
			<-beside
			if err := b.Insert(tx); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
			if stored := f.storedIn(tx); len(stored) != 1 {
				t.Errorf("%s: %d entries", name, len(stored))
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Error(err)
		}
	}
}
