package audit

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// The golden trail is what an earlier release wrote: every event type, and every word that
// its facts could hold. A trail is kept for years, so it must be sound for every later
// release. Its file is never written anew for a test's sake; a new release may only add
// a file of its own.
const goldenTrail = "testdata/golden_trail.jsonl"

var writeGolden = flag.Bool("golden", false, "write "+goldenTrail+" with this program")

// goldenTime is when the first event of the golden trail happened; each later one is a
// second later.
var goldenTime = time.Date(2026, 11, 28, 9, 30, 0, 250_000_000, time.UTC)

func goldenKey(t *testing.T) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x5e}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: "golden-2026", Algorithm: string(jose.ES256), Use: "sig"}
}

func TestGoldenTrail(t *testing.T) {
	f := newFixture(t, testTable)
	f.log.Signer = goldenKey(t)
	if *writeGolden {
		f.writeGolden()
	}
	file, err := os.ReadFile(goldenTrail)
	if err != nil {
		t.Fatal(err)
	}
	entries := f.readGolden(file)
	if r := f.verify(); !r.OK() || r.Entries != int64(len(entries)) {
		t.Fatalf("%d of %d entries are sound, then %+v", r.Entries, len(entries), r.First)
	}
	types := map[string]bool{}
	for _, entry := range entries {
		types[entry.Type] = true
		f.saysItAgain(entry)
	}
	if len(types) < 62 {
		t.Errorf("%d types", len(types))
	}
	if !bytes.Equal(f.goldenLines(), file) {
		t.Error("the table does not give back what was read into it")
	}
}

// saysItAgain wants the event of an entry to make the same claims again, byte for byte.
func (f *fixture) saysItAgain(entry Entry) {
	f.Helper()
	event, err := entry.Decode()
	if err != nil {
		f.Fatal(err)
	}
	facts, err := f.log.checked(event)
	if err != nil {
		f.Fatalf("entry %d: %v", entry.Seq, err)
	}
	again, err := newClaims(testIssuer, entry.ID, entry.Seq, time.UnixMilli(entry.OccurredAt), event, facts).bytes()
	if err != nil {
		f.Fatal(err)
	}
	if was := payloadOf(f, entry.SET); !bytes.Equal(again, was) {
		f.Errorf("entry %d:\nwas %s\nnow %s", entry.Seq, was, again)
	}
}

// readGolden puts the entries of a file, one JSON object a line, into the table.
func (f *fixture) readGolden(file []byte) []Entry {
	f.Helper()
	var entries []Entry
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		var entry Entry
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			f.Fatal(err)
		}
		entries = append(entries, entry)
	}
	f.exec("DELETE FROM audit_events")
	if err := f.db.CreateInBatches(entries, 50).Error; err != nil {
		f.Fatal(err)
	}
	return entries
}

func (f *fixture) goldenLines() []byte {
	f.Helper()
	var entries []Entry
	if err := f.db.Order("seq").Find(&entries).Error; err != nil {
		f.Fatal(err)
	}
	var lines bytes.Buffer
	for _, entry := range entries {
		if err := json.NewEncoder(&lines).Encode(entry); err != nil {
			f.Fatal(err)
		}
	}
	return lines.Bytes()
}

func (f *fixture) writeGolden() {
	f.Helper()
	err := f.db.Transaction(func(tx *gorm.DB) error {
		for i, event := range goldenEvents() {
			if _, err := f.log.Append(tx, goldenTime.Add(time.Duration(i)*time.Second), event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(goldenTrail, f.goldenLines(), 0o644); err != nil {
		f.Fatal(err)
	}
}

// goldenEvents are, of every type, one event with all its facts, and one for each word
// that a fact of it can hold.
func goldenEvents() []Event {
	var events []Event
	for _, d := range Catalogue() {
		words := goldenWords(d)
		all := goldenEvent(d, slices.Concat(d.Required, d.Optional), words)
		for _, fact := range slices.Sorted(maps.Keys(words)) {
			setWord(&all.Facts, fact, words[fact][0])
		}
		if !d.RefusesSubject {
			all.Subject, all.Transaction = "acc_41", "da_8"
		}
		events = append(events, all)
		for _, fact := range slices.Sorted(maps.Keys(words)) {
			for _, word := range words[fact] {
				event := goldenEvent(d, d.Required, words)
				setWord(&event.Facts, fact, word)
				events = append(events, event)
			}
		}
	}
	return events
}

// goldenEvent is an event of d with the named facts, and no reason or part of the server
// that the release did not write.
func goldenEvent(d Definition, facts []string, words map[string][]string) Event {
	event := example(d, facts)
	switch {
	case event.Facts.Reason != "" && len(words[factReason]) == 0:
		event.Facts.Reason = ""
	case event.Facts.Reason != "":
		event.Facts.Reason = words[factReason][0]
	}
	if event.Facts.Actor.System != "" {
		event.Facts.Actor.System = words[factActor][0]
	}
	return event
}

func setWord(facts *Facts, fact, word string) {
	switch fact {
	case factActor:
		facts.Actor = &Actor{System: word}
	case factReason:
		facts.Reason = word
	case factPresence:
		facts.Presence = word
	case factEntered:
		facts.Entered = word
	case factDocumentRead:
		facts.DocumentRead = word
	case factQueryKind:
		facts.QueryKind = word
	}
}

// goldenWords are the words that the release of the golden trail wrote in the facts of d.
func goldenWords(d Definition) map[string][]string {
	words := map[string][]string{}
	for fact, list := range map[string][]string{
		factReason: goldenReasons()[d.Type], factActor: goldenSystems()[d.Type],
		factPresence: goldenPresences(d.Type), factEntered: {"scan", "typed", "camera", "serial"},
		factDocumentRead: {"typed", "mrz", "pdf417"}, factQueryKind: {"exact", "prefix", "presence"},
	} {
		if slices.Contains(slices.Concat(d.Required, d.Optional), fact) && len(list) > 0 {
			words[fact] = list
		}
	}
	return words
}
