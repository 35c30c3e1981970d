package audit

import (
	"crypto/ecdsa"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// forgedTokens are what may lie in set_text of entry 3 in place of the token that was signed.
var forgedTokens = []struct {
	name   string
	forge  func(f *fixture, set string) string
	reason string
}{
	{"empty", func(*fixture, string) string { return "" }, "not a signed token"},
	{"no token", func(*fixture, string) string { return "approved, honestly" }, "not a signed token"},
	{"payload changed", func(_ *fixture, set string) string {
		parts := strings.Split(set, ".")
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
		parts[1] = encode(strings.Replace(string(payload), "acc_41", "acc_42", 1))
		return strings.Join(parts, ".")
	}, `signature is not of key "key-1"`},
	{"signature changed", func(_ *fixture, set string) string {
		i := len(set) - 20
		return set[:i] + string('A'+(set[i]-'A'+1)%2) + set[i+1:]
	}, `signature is not of key "key-1"`},
	{"signature cut off", func(_ *fixture, set string) string { return set[:strings.LastIndex(set, ".")+1] }, "signature is not"},
	{"signature spelled otherwise", func(_ *fixture, set string) string {
		last := strings.IndexByte(base64URL, set[len(set)-1])
		return set[:len(set)-1] + string(base64URL[last^1])
	}, "not encoded as it was signed"},
	{"line break", func(_ *fixture, set string) string { return set + "\n" }, "not encoded as it was signed"},
	{"signed by a stranger", func(f *fixture, set string) string {
		return f.resign(set, jose.SigningKey{Algorithm: jose.ES256, Key: newKey(f.T, "key-1")}, setType)
	}, `signature is not of key "key-1"`},
	{"signed by a stranger who brings the key", func(f *fixture, set string) string {
		return f.sign(payloadOf(f, set), jose.SigningKey{Algorithm: jose.ES256, Key: newKey(f.T, "key-1")},
			(&jose.SignerOptions{EmbedJWK: true}).WithType(setType))
	}, "unexpected header parameter"},
	{"kid of a stranger", func(f *fixture, set string) string {
		return f.resign(set, jose.SigningKey{Algorithm: jose.ES256, Key: newKey(f.T, "key-9")}, setType)
	}, `kid "key-9" is not a key of this log`},
	{"no kid", func(f *fixture, set string) string {
		return f.resign(set, jose.SigningKey{Algorithm: jose.ES256, Key: f.log.Signer.Key}, setType)
	}, `kid "" is not a key of this log`},
	{"typ JWT", func(f *fixture, set string) string { return f.resign(set, f.signingKey(), "JWT") }, "typ is not secevent+jwt"},
	{"no typ", func(f *fixture, set string) string { return f.sign(payloadOf(f, set), f.signingKey(), nil) }, "typ is not secevent+jwt"},
	{"another header", func(f *fixture, set string) string {
		return f.sign(payloadOf(f, set), f.signingKey(), (&jose.SignerOptions{}).WithType(setType).WithHeader("x", 1))
	}, "unexpected header parameter"},
	{"alg HS256 with the public key", func(f *fixture, set string) string {
		public, err := f.log.Signer.Public().Key.(*ecdsa.PublicKey).Bytes()
		if err != nil {
			f.Fatal(err)
		}
		return f.resign(set, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: "key-1"}}, setType)
	}, `alg is "HS256", not ES256`},
	{"alg none", func(_ *fixture, set string) string {
		return encode(`{"alg":"none","kid":"key-1","typ":"secevent+jwt"}`) + "." + strings.Split(set, ".")[1] + "."
	}, `alg is "none", not ES256`},
}

func TestVerifyTokens(t *testing.T) {
	for _, test := range forgedTokens {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, testTable, 4)
			f.exec("UPDATE audit_events SET set_text = ?, packed = x'' WHERE seq = 3", test.forge(f, f.entry(3).SET))
			f.wantProblem(3, test.reason)
		})
	}
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func payloadOf(f *fixture, set string) []byte {
	f.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(set, ".")[1])
	if err != nil {
		f.Fatal(err)
	}
	return payload
}

func (f *fixture) signingKey() jose.SigningKey {
	return jose.SigningKey{Algorithm: jose.ES256, Key: f.log.Signer}
}

func (f *fixture) resign(set string, key jose.SigningKey, typ jose.ContentType) string {
	return f.sign(payloadOf(f, set), key, (&jose.SignerOptions{}).WithType(typ))
}

func (f *fixture) sign(payload []byte, key jose.SigningKey, options *jose.SignerOptions) string {
	f.Helper()
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		f.Fatal(err)
	}
	set, err := signed.CompactSerialize()
	if err != nil {
		f.Fatal(err)
	}
	return set
}
