package oauth

import (
	"crypto"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// The P-256 key of RFC 7517 appendix A.1, and what may stand beside its point.
const (
	plainKey   = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`
	anotherKey = `{ "use":"sig", "crv":"P-256", "kid":"1", "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "alg":"ES256",` +
		` "kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"} `
)

// What is read of a plain JWT is what go-jose reads of it: its header, and its claims as those of an assertion, of a proof and
// of a subject. header and claims are texts: the fuzzer would not find base64url.
func FuzzPlainJWT(f *testing.F) {
	claims := `{"iss":"a","sub":"a","aud":"https://as.example","jti":"1","iat":1790000000,"exp":1790000060,"nbf":0,"htm":"POST",` +
		`"htu":"https://as.example/token","ath":"x","nonce":"y","more":1}`
	for _, header := range []string{`{"alg":"ES256"}`, `{"alg":"ES256","typ":"dpop+jwt","kid":"1","jwk":` + plainKey + `}`,
		`{"typ":null,"alg":"ES256"}`, `{"alg":"ES256","jwk":` + anotherKey + `}`, `{"alg":"ES256","crit":["b64"]}`, `{"alg":"none"}`,
		`{"alg":"ES256","alg":"ES256"}`, `{"alg":"ES256","jwk":` + strings.Replace(plainKey, "IFyM", "IFyN", 1) + `}`} {
		f.Add(header, claims)
	}
	for _, other := range []string{`{"iss":"a","iss":"b"}`, `{"iat":1e3}`, `{"exp":01}`, `{"exp":-1}`, `{"exp":"1"}`, `{"aud":["a"]}`,
		`{"iss":"\u0061"}`, ` { "sub" : "a" } `, `{"sub":"a",}`, `{"sub":"ä"}`, `{"exp":9999999999999999}`,
		`{"a":{"b":1}}`, `{"sub":"0}`, `{}`, ``} {
		f.Add(`{"alg":"ES256"}`, other)
	}
	f.Fuzz(func(t *testing.T, header, claims string) {
		raw := encodePart(header) + "." + encodePart(claims) + "." + encodePart(strings.Repeat("s", 64))
		if plain, read := parsePlainJWT(raw); read {
			sameJWT(t, raw, plain)
		}
		for _, dests := range [][2]any{{&assertionClaims{}, &assertionClaims{}}, {&dpopClaims{}, &dpopClaims{}},
			{&subjectClaim{}, &subjectClaim{}}} {
			plain, long := dests[0], dests[1]
			if !plain.(plainClaims).readPlain(claims) {
				continue
			}
			if err := json.Unmarshal([]byte(claims), long); err != nil || !reflect.DeepEqual(plain, long) {
				t.Errorf("%s: read as %+v, by go-jose as %+v, %v", claims, plain, long, err)
			}
		}
	})
}

// sameJWT holds what was read to what go-jose reads.
func sameJWT(t *testing.T, raw string, plain *signedJWT) {
	t.Helper()
	jws, err := jose.ParseSignedCompact(raw, clientAlgorithms())
	if err != nil {
		t.Fatalf("%s: go-jose refuses it: %v", raw, err)
	}
	protected := jws.Signatures[0].Protected
	if header := headerOf(protected); !reflect.DeepEqual(plain.header, header) {
		t.Errorf("the header is read as %+v, by go-jose as %+v", plain.header, header)
	}
	_, crit := protected.ExtraHeaders["crit"]
	_, b64 := protected.ExtraHeaders["b64"]
	if crit || b64 || plain.payload != string(jws.UnsafePayloadWithoutVerification()) ||
		string(plain.signature) != string(jws.Signatures[0].Signature) {
		t.Errorf("%s is not what was read", raw)
	}
}

// A kept key is read as go-jose reads it, and has the thumbprint that go-jose makes.
func FuzzParsePublicKey(f *testing.F) {
	f.Add(plainKey)
	f.Add(anotherKey)
	f.Add(strings.Replace(plainKey, `"EC"`, `"EC","d":"AA"`, 1))
	f.Add(strings.Replace(plainKey, "P-256", "P-384", 1))
	f.Add(strings.Replace(plainKey, `"MKBC`, `"AAMKBC`, 1))
	f.Add(strings.Replace(plainKey, `7D4"`, `7D5"`, 1)) // other bits after the last byte
	f.Add(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	f.Fuzz(func(t *testing.T, jwk string) {
		p := plainJSON{jwk}
		plain, read := p.key()
		if !read || p.trim() != "" {
			return
		}
		var long jose.JSONWebKey
		err := json.Unmarshal([]byte(jwk), &long)
		long = jose.JSONWebKey{Key: long.Key, KeyID: long.KeyID, Algorithm: long.Algorithm, Use: long.Use} // without empty lists
		if err != nil || !reflect.DeepEqual(plain, long) {
			t.Fatalf("%s: read as %+v, by go-jose as %+v, %v", jwk, plain, long, err)
		}
		if got, err := thumbprint(plain); err != nil || got != librarysThumbprint(t, long) {
			t.Errorf("%s: thumbprint %s, %v", jwk, got, err)
		}
	})
}

// A URL that is taken by its looks is one that is taken when it is looked at closely.
func FuzzIsPlainTarget(f *testing.F) {
	for _, seed := range []string{"https://as.example/token", "http://127.0.0.1:8080/a/../b", "https://:1/", "https://a:/",
		"https://a:b/", "x://a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if _, ok := normalTarget(target); isPlainTarget(target) && !ok {
			t.Errorf("%q is no target", target)
		}
	})
}

func encodePart(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func librarysThumbprint(t *testing.T, key jose.JSONWebKey) string {
	t.Helper()
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}
