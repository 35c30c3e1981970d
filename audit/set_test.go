package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What is signed is what encoding/json writes, byte for byte, whatever the texts are.
func TestClaimsAreWrittenAsJSONIs(t *testing.T) {
	pieces := []string{"a", "Z9", " ", `"`, `\`, "<", ">", "&", "\n", "\x00", "\x7f", "é", "\u2028", "\xff", "日本", "/", "'"}
	draw := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		var words strings.Builder
		for range draw.IntN(4) {
			words.WriteString(pieces[draw.IntN(len(pieces))])
		}
		return words.String()
	}
	for i := range 3000 {
		event := approval()
		event.Type, event.Subject, event.Transaction = Type("t"+text()), text(), text()
		event.Facts.Session, event.Facts.Client, event.Facts.Actor = text(), text(), &Actor{Staff: text()}
		event.Facts.Roles, event.Facts.Details = []string{text(), text()}, map[string]string{text(): text(), "b": text()}
		event.Facts.TriesLeft, event.Facts.Before = new(draw.IntN(3)-1), new(draw.Int64())
		facts, err := factMembers(event.Facts)
		if err != nil {
			t.Fatal(err)
		}
		if again := membersOf(t, event.Facts); fmt.Sprint(again) != fmt.Sprint(facts) {
			t.Fatalf("%s\nare\n%s", facts, again)
		}
		c := newClaims("https://"+text(), text(), int64(i), testTime, event, facts)
		c.IssuedAt, c.OccurredAt = instant(draw.Int64N(3000)), instant(draw.Int64N(1e13))
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if is, err := c.bytes(); err != nil || !bytes.Equal(is, want) {
			t.Fatalf("%v\n%s\nis\n%s", err, want, is)
		}
	}
}

func membersOf(t *testing.T, facts Facts) (members jsonMembers) {
	t.Helper()
	written, err := json.Marshal(facts)
	if err == nil {
		err = json.Unmarshal(written, &members)
	}
	if err != nil {
		t.Fatal(err)
	}
	return members
}

// The token is go-jose's but for the signature, which has chance in it and which go-jose verifies.
func TestSETIsSignedAsGoJOSEDoes(t *testing.T) {
	for _, kid := range []string{"key-1", `a"b\c`, "a<b>&c", "schlüssel", "a b"} {
		key := newKey(t, kid)
		c := newClaims(testIssuer, "jti-1", 1, testTime, approval(), jsonMembers{})
		set, err := sign(c, key)
		if err != nil {
			t.Fatal(err)
		}
		token, err := parseSET([]byte(set))
		if err != nil {
			t.Fatal(err)
		}
		payload, err := token.Verify(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType(setType))
		if err != nil {
			t.Fatal(err)
		}
		again, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		want, err := again.CompactSerialize()
		if end := strings.LastIndexByte(set, '.'); err != nil || len(set) != len(want) || set[:end] != want[:end] {
			t.Errorf("%v\n%s\nis signed by go-jose as\n%s", err, set, want)
		}
	}
}

func TestEventFromBefore1970IsNotSigned(t *testing.T) {
	c := newClaims(testIssuer, "jti-1", 1, testTime.AddDate(-100, 0, 0), approval(), jsonMembers{})
	if set, err := sign(c, newKey(t, "key-1")); err == nil {
		t.Error(set)
	}
}
