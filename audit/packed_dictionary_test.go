package audit

import (
	"bytes"
	"cmp"
	"encoding/base32"
	"encoding/base64"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit/packed"

	"github.com/klauspost/compress/zstd"
)

// The recipe of a dictionary: what invented events of every kind in the catalogue say, without their identifiers, and how often
// the events of a visit use which characters and lengths. A new one gets the next identifier and a line in the test of the files:
//
//	go test ./audit -run TestTheRecipeMakesADictionary -dictionary 40002
var writeDictionary = flag.Int("dictionary", 0, "write audit/packed/dictionaries/ID.zdict by the recipe")

// saying is a kind of events with the facts that it states.
type saying struct {
	kind  Type
	facts []string
}

// usual are the kinds that a trail is full of, the most frequent last, each with what nearly all of its events state. What stands
// last in a dictionary takes the fewest bits to point to.
var usual = []saying{
	{ClientRegistered, []string{factActor, factDevice, factDetails}},
	{StaffSignedIn, []string{factActor, factSession, factRoles, factDetails}},
	{DeviceAuthorizationDeclined, []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factReason}},
	{AccountOpened, []string{factActor, factSession, factCounter, factQueryKind}},
	{CodeMatched, []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factPresence, factEntered,
		factPendingUntil}},
	{IdentityProofed, []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factPresence, factProofing,
		factDocumentRead}},
	{DeviceBindingApproved, []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization, factPresence,
		factProofing, factBinding, factPendingUntil, factRedeemUntil, factScope}},
	{DeviceBindingRedeemed, []string{factActor, factDevice, factDeviceAuthorization, factBinding, factScope, factDetails}},
	{DeviceAuthorizationRequested, []string{factActor, factDevice, factDeviceAuthorization, factPendingUntil, factScope, factDetails}},
}

// inventor makes events whose identifiers are of no log.
type inventor struct {
	id   func() string // of a row
	hash func() string // base64url of 32 bytes
	at   func() int64  // seconds since 1970
}

// event is one of a kind, with facts.
func (v inventor) event(d Definition, names []string) Event {
	e := example(d, names)
	if e.Subject != "" || d.NeedsSubject || slices.Contains(names, factDeviceAuthorization) {
		e.Subject, e.Transaction = v.id(), v.id()
	}
	f := &e.Facts
	for _, field := range []*string{&f.Session, &f.Counter, &f.Client, &f.Binding, &f.Proofing, &f.SecondStaff, &f.Staff, &f.Event,
		&f.Publisher, &f.RegistrationToken, &f.ResourceServer, &f.Actor.Staff} {
		if *field != "" {
			*field = v.id()
		}
	}
	if f.DeviceAuthorization != "" {
		f.DeviceAuthorization = e.Transaction // the visit is the request's
	}
	if f.Actor.Client != "" {
		f.Actor.Client = f.Client
	}
	for _, field := range []*string{&f.KeyThumbprint, &f.NoteHash, &f.Key} {
		if *field != "" {
			*field = v.hash()
		}
	}
	for field := range f.Details {
		f.Details[field] = v.hash()
	}
	for _, field := range []*int64{f.PendingUntil, f.RedeemUntil, f.RequestedAt, f.RegisteredAt, f.Before} {
		if field != nil {
			*field = v.at()
		}
	}
	if f.Scope != "" {
		f.Scope = "account.read account.write"
	}
	return e
}

// text is what is packed of an event: header and claims.
func (v inventor) text(t *testing.T, issuer, kid, jti string, seq int64, at time.Time, e Event) string {
	t.Helper()
	facts, err := factMembers(e.Facts)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := newClaims(issuer, jti, seq, at, e, facts).bytes()
	if err != nil {
		t.Fatal(err)
	}
	return `{"alg":"ES256","kid":"` + kid + `","typ":"` + setType + `"}` + string(claims)
}

// blank is an inventor of identifiers that are empty: what stands between them is the dictionary.
var blank = inventor{id: func() string { return "~" }, hash: func() string { return "~" }, at: func() int64 { return 1 }}

// invented are the rest of what an example makes up.
var invented = regexp.MustCompile(
	`~|2001:db8::7|203\.0\.113\.9|letters\.example[^"]*|example\.pocketbank|(counter)_\d|type=code-matched","from=[^"]*`)

// history is what a dictionary points to: of kinds that are not usual only their facts, and every word once.
func history(t *testing.T) []byte {
	t.Helper()
	var said strings.Builder
	for _, d := range Catalogue() {
		if !slices.ContainsFunc(usual, func(s saying) bool { return s.kind == d.Type }) {
			whole := blank.text(t, "https://", "", "", 0, time.UnixMilli(1000), blank.event(d, slices.Concat(d.Required, d.Optional)))
			_, facts, _ := strings.Cut(whole, `"events":{"https:/`)
			said.WriteString(facts)
			sayWords(&said, d)
		}
	}
	for _, s := range usual {
		d, _ := Lookup(s.kind)
		sayWords(&said, d)
		said.WriteString(blank.text(t, "https://", "", "", 0, time.UnixMilli(1000), blank.event(d, s.facts)))
	}
	text := invented.ReplaceAllString(said.String(), "$1")
	return []byte(strings.ReplaceAll(text, `"seq":0`, `"seq":`))
}

func sayWords(said *strings.Builder, d Definition) {
	for _, fact := range slices.Sorted(maps.Keys(d.Words)) {
		for _, word := range d.Words[fact] {
			if !strings.Contains(said.String(), `"`+word.Value+`"`) {
				fmt.Fprintf(said, `,"%s":"%s"`, fact, word.Value)
			}
		}
	}
}

// samples are texts of many visits at several servers. They are the same each time.
func samples(t *testing.T) (texts [][]byte) {
	t.Helper()
	draw := rand.NewChaCha8([32]byte{69})
	number := rand.New(draw)
	of := func(encoding interface{ EncodeToString([]byte) string }, size, length int) func() string {
		return func() string {
			b := make([]byte, size)
			_, _ = draw.Read(b)
			return encoding.EncodeToString(b)[:length]
		}
	}
	hash := of(base64.RawURLEncoding, 32, 43)
	v := inventor{id: of(base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567"), 17, 26), hash: hash}
	jti := of(sortable, 17, 22)
	for range 300 {
		issuer, kid := "https://"+v.id()[:4+number.IntN(8)]+".example", hash()
		for _, s := range usual {
			at := time.UnixMilli(1_780_000_000_000 + number.Int64N(300_000_000_000))
			v.at = func() int64 { return at.Unix() + number.Int64N(604800) }
			d, _ := Lookup(s.kind)
			texts = append(texts, []byte(v.text(t, issuer, kid, jti(), number.Int64N(5_000_000), at, v.event(d, s.facts))))
		}
	}
	return texts
}

// What the recipe makes today is a dictionary that works. The one in use was made when the catalogue was smaller.
func TestTheRecipeMakesADictionary(t *testing.T) {
	id := cmp.Or(*writeDictionary, packed.Newest+1)
	texts := samples(t)
	made, err := zstd.BuildDict(zstd.BuildDictOptions{ID: uint32(id), Contents: texts, History: history(t), Level: zstd.SpeedFastest,
		CompatV155: true}) // so that the command of Debian packs with it, too
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderDict(made), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderDicts(made), zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var short, long int
	for _, text := range texts {
		frame := encoder.EncodeAll(text, nil)
		if again, err := decoder.DecodeAll(frame, nil); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%s comes back as %s: %v", text, again, err)
		}
		short, long = short+len(frame), long+len(text)
	}
	t.Logf("%d bytes of dictionary; %d of text on average, %d packed", len(made), long/len(texts), short/len(texts))
	if short*2 > long {
		t.Errorf("%d bytes of %d", short, long)
	}
	if *writeDictionary > 0 {
		if err := os.WriteFile(fmt.Sprintf("packed/dictionaries/%d.zdict", id), made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
