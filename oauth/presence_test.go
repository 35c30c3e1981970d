package oauth_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"rsc.io/qr"
	"rsc.io/qr/coding"
)

const presenceClient = "mzxw6ytboi4dknbrgq2dgnjvha"

// presenceClaims is what docs/presence-proof.md asks for, made at now.
var presenceClaims = object{"iss": presenceClient, "aud": issuer, "user_code": "WDJBMJHT",
	"iat": at(0), "exp": at(time.Minute), "jti": "kS2vW9xQp1c"}

var presenceRules = oauth.PresenceRules{Issuer: issuer, Now: now, Skew: oauth.DefaultPresenceSkew}

// travelling is the form of a JWT in a QR code.
func travelling(jwt string) string {
	sum := sha256.Sum256([]byte(jwt))
	return oauth.PresencePrefix + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append([]byte(jwt), sum[:4]...))
}

// sized is a good proof of exactly so many bytes.
func sized(t testing.TB, size int) string {
	t.Helper()
	for kid := range 4 {
		for pad := size * 3 / 4; pad > 0; pad-- {
			jwt := presence(t, object{"kid": strings.Repeat("k", kid+1)}, object{"pad": strings.Repeat("x", pad)})
			if len(jwt) == size {
				return jwt
			}
			if len(jwt) < size {
				break
			}
		}
	}
	t.Fatalf("no JWT of %d bytes", size)
	return ""
}

func presence(t testing.TB, header, claims object) string {
	t.Helper()
	return sign(t, jose.ES256, ecKey(), object{"typ": oauth.TypePresence}.With(header), toJSON(presenceClaims.With(claims)))
}

func verifyPresence(t testing.TB, jwt string, rules oauth.PresenceRules) (oauth.Presence, error) {
	t.Helper()
	proof, err := oauth.ParsePresenceProof(travelling(jwt))
	if err != nil {
		return oauth.Presence{}, err
	}
	return oauth.VerifyPresenceProof(proof, keySet(public(ecKey())), rules)
}

func TestPresenceProofIsAccepted(t *testing.T) {
	got, err := verifyPresence(t, presence(t, nil, nil), presenceRules)
	if err != nil || got.ClientID != presenceClient || got.ID != "kS2vW9xQp1c" || got.UserCode.Display() != "WDJB-MJHT" {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.ForgetAt.Before(now.Add(2 * time.Minute)) {
		t.Errorf("forgotten at %s, while another process may still take it", got.ForgetAt)
	}
	for name, jwt := range map[string]string{
		"a code with its dash":       presence(t, nil, object{"user_code": "wdjb-mjht"}),
		"typ as a whole media type":  presence(t, object{"typ": "application/Presence+JWT"}, nil),
		"a kid, and a claim besides": presence(t, object{"kid": "1"}, object{"x": 1}),
		"a shorter life":             presence(t, nil, object{"exp": at(time.Second)}),
	} {
		if _, err := verifyPresence(t, jwt, presenceRules); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Algorithms are those of client assertions.
func TestPresenceProofAlgorithms(t *testing.T) {
	for alg, key := range map[jose.SignatureAlgorithm]crypto.Signer{jose.ES256: ecKey(), jose.EdDSA: edKey(), jose.PS256: rsaKey()} {
		proof := must(oauth.SignPresenceProof(key, presenceRequest(t)))
		read, err := oauth.ParsePresenceProof(proof.Travel())
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if _, err := oauth.VerifyPresenceProof(read, keySet(public(key)), presenceRules); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if _, err := oauth.VerifyPresenceProof(read, keySet(public(otherECKey())), presenceRules); err != oauth.ErrPresenceForged {
			t.Errorf("%s with another key: %v", alg, err)
		}
	}
	if _, err := oauth.SignPresenceProof(p384Key(), presenceRequest(t)); err == nil {
		t.Error("signed with a key that no client may have")
	}
}

func presenceRequest(t testing.TB) oauth.PresenceRequest {
	t.Helper()
	return oauth.PresenceRequest{ClientID: presenceClient, Issuer: issuer, UserCode: must(oauth.ParseUserCode("WDJB-MJHT")),
		ID: "kS2vW9xQp1c", IssuedAt: now, ExpiresAt: now.Add(time.Minute)}
}

func TestPresenceProofIsRefused(t *testing.T) {
	hs256 := sign(t, jose.HS256, []byte("01234567890123456789012345678901"), object{"typ": oauth.TypePresence}, toJSON(presenceClaims))
	good := presence(t, nil, nil)
	short := good[:len(good)-8]
	for name, test := range map[string]struct {
		jwt  string
		want error
	}{
		"another key": {sign(t, jose.ES256, otherECKey(), object{"typ": oauth.TypePresence}, toJSON(presenceClaims)),
			oauth.ErrPresenceForged},
		"no typ":                   {presence(t, object{"typ": nil}, nil), oauth.ErrPresenceForged},
		"a client assertion's typ": {presence(t, object{"typ": oauth.TypeClientAuthentication}, nil), oauth.ErrPresenceForged},
		"a DPoP proof's typ":       {presence(t, object{"typ": "dpop+jwt"}, nil), oauth.ErrPresenceForged},
		"a shared secret":          {hs256, oauth.ErrNotAPresenceProof},
		"alg none": {unsigned(object{"alg": "none", "typ": oauth.TypePresence}, presenceClaims, ""),
			oauth.ErrNotAPresenceProof},
		"a broken signature":      {forged(presence(t, nil, nil)), oauth.ErrPresenceForged},
		"an extension":            {presence(t, object{"x": 1, "crit": []string{"x"}}, nil), oauth.ErrNotAPresenceProof},
		"no iss":                  {presence(t, nil, object{"iss": nil}), oauth.ErrPresenceMalformed},
		"no user_code":            {presence(t, nil, object{"user_code": nil}), oauth.ErrPresenceMalformed},
		"no code in user_code":    {presence(t, nil, object{"user_code": "WDJB"}), oauth.ErrPresenceMalformed},
		"no iat":                  {presence(t, nil, object{"iat": nil}), oauth.ErrPresenceMalformed},
		"no exp":                  {presence(t, nil, object{"exp": nil}), oauth.ErrPresenceMalformed},
		"no jti":                  {presence(t, nil, object{"jti": nil}), oauth.ErrPresenceMalformed},
		"a jti that is no text":   {presence(t, nil, object{"jti": 1}), oauth.ErrNotAPresenceProof},
		"61 seconds to live":      {presence(t, nil, object{"exp": at(61 * time.Second)}), oauth.ErrPresenceMalformed},
		"exp at iat":              {presence(t, nil, object{"exp": at(0)}), oauth.ErrPresenceMalformed},
		"no aud":                  {presence(t, nil, object{"aud": nil}), oauth.ErrPresenceOtherServer},
		"another server":          {presence(t, nil, object{"aud": issuer + "/"}), oauth.ErrPresenceOtherServer},
		"several audiences":       {presence(t, nil, object{"aud": []string{issuer}}), oauth.ErrNotAPresenceProof},
		"valid only later":        {presence(t, nil, object{"nbf": at(31 * time.Second)}), oauth.ErrPresenceNotYet},
		"2048 bytes":              {sized(t, 2048), nil},
		"2049 bytes":              {sized(t, 2049), oauth.ErrNotAPresenceProof},
		"a short signature":       {short, oauth.ErrNotAPresenceProof},
		"a jti with a control":    {presence(t, nil, object{"jti": "a\u0000b"}), oauth.ErrPresenceMalformed},
		"a jti of 256 characters": {presence(t, nil, object{"jti": strings.Repeat("j", 256)}), oauth.ErrPresenceMalformed},
		"valid within the skew":   {presence(t, nil, object{"nbf": at(30 * time.Second)}), nil},
		"a claim twice": {sign(t, jose.ES256, ecKey(), object{"typ": oauth.TypePresence}, `{"iss":"a","iss":"b"}`),
			oauth.ErrNotAPresenceProof},
		"a JWT that is too long":     {presence(t, nil, object{"pad": strings.Repeat("x", 2048)}), oauth.ErrNotAPresenceProof},
		"a text that is no JWT":      {"hello", oauth.ErrNotAPresenceProof},
		"a text that is not compact": {presence(t, nil, nil) + "\n", oauth.ErrNotAPresenceProof},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := verifyPresence(t, test.jwt, presenceRules); err != test.want {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// forged changes one letter of the signature.
func forged(jwt string) string {
	at, letter := len(jwt)-10, "A"
	if jwt[at] == 'A' {
		letter = "B"
	}
	return jwt[:at] + letter + jwt[at+1:]
}

// docs/protocol.md §6 shown-code: no proof is older than 60 s; the skew helps clocks, not relays.
func TestPresenceProofBoundaries(t *testing.T) {
	short := object{"exp": at(10 * time.Second)}
	for _, test := range []struct {
		claims object
		moment time.Duration // of arrival after iat, by the server's clock
		skew   time.Duration
		want   error
	}{
		{nil, 59 * time.Second, 30 * time.Second, nil},
		{nil, 60 * time.Second, 30 * time.Second, nil},
		{nil, 61 * time.Second, 30 * time.Second, oauth.ErrPresenceExpired},
		{nil, 61 * time.Second, 10 * time.Minute, oauth.ErrPresenceExpired},
		{nil, 59 * time.Second, 0, nil},
		{nil, 60 * time.Second, 0, oauth.ErrPresenceExpired},
		{short, 39 * time.Second, 30 * time.Second, nil},
		{short, 40 * time.Second, 30 * time.Second, oauth.ErrPresenceExpired},
		{nil, -30 * time.Second, 30 * time.Second, nil},
		{nil, -31 * time.Second, 30 * time.Second, oauth.ErrPresenceNotYet},
		{nil, -time.Second, 0, oauth.ErrPresenceNotYet},
	} {
		rules := oauth.PresenceRules{Issuer: issuer, Now: now.Add(test.moment), Skew: test.skew}
		if _, err := verifyPresence(t, presence(t, nil, test.claims), rules); err != test.want {
			t.Errorf("%s after iat, skew %s: %v, want %v", test.moment, test.skew, err, test.want)
		}
	}
}

// What a keyboard wedge, its layout and its settings do to the travelling form.
func TestPresenceProofTravels(t *testing.T) {
	form := must(oauth.SignPresenceProof(ecKey(), presenceRequest(t))).Travel()
	for name, typed := range map[string]string{
		"as it is":               form,
		"Caps Lock":              strings.ToLower(form),
		"Enter":                  form + "\r\n",
		"a tab before and after": "\t" + form + "\t",
		"AIM identifier":         "]Q1" + form,
		"STX and ETX":            "\x02" + form + "\x03",
		"a suffix of signs":      form + "#end",
		"a suffix with a 0":      form + "0END",
		"lines":                  form[:70] + "\r\n" + form[70:200] + "\n " + form[200:],
		"no-break space":         form[:9] + "\u00a0" + form[9:],
		"4096 bytes":             strings.Repeat(" ", 4096-len(form)) + form,
		"GS and a sign":          form + "\x1d#ABC",
	} {
		proof, err := oauth.ParsePresenceProof(typed)
		if err != nil || proof.Travel() != form || !oauth.LooksLikePresenceProof(typed) {
			t.Errorf("%s: %v", name, err)
		}
		if client, code, ok := proof.Claimed(); !ok || client != presenceClient || code.Display() != "WDJB-MJHT" {
			t.Errorf("%s claims %q", name, client)
		}
	}
	for name, typed := range map[string]string{
		"nothing": "", "a code": "WDJB-MJHT", "only the prefix": oauth.PresencePrefix, "no prefix": form[len(oauth.PresencePrefix):],
		"cut off": form[:len(form)-9], "another version": "PRES2" + form[len(oauth.PresencePrefix):],
		"a letter lost": form[:50] + form[51:], "padding": form[:20] + "=" + form[20:],
		"a letter too many": form + "A", "too long": strings.Repeat(" ", 4097-len(form)) + form,
		"GS and letters": form + "\x1dABC", "Enter and letters": form + "\r\nOK", "a tab and letters": form + "\tEND",
		"a blank and a 7": form + " 7",
	} {
		if _, err := oauth.ParsePresenceProof(typed); err != oauth.ErrNotAPresenceProof {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// docs/presence-proof.md, the travelling form: whatever letter a scan loses, changes or swaps with its neighbour, and
// wherever it is cut off, what arrives is not a proof. It is no wrong code, and costs no try.
func TestDamagedPresenceProofIsNone(t *testing.T) {
	form := must(oauth.SignPresenceProof(ecKey(), presenceRequest(t))).Travel()
	refused := func(damage, typed string) {
		if _, err := oauth.ParsePresenceProof(typed); err != oauth.ErrNotAPresenceProof && typed != form {
			t.Errorf("%s: %v", damage, err)
		}
	}
	for i := len(oauth.PresencePrefix); i < len(form); i++ {
		refused("cut off", form[:i])
		refused("a letter lost", form[:i]+form[i+1:])
		refused("a letter twice", form[:i]+form[i:i+1]+form[i:])
		if i+1 < len(form) {
			refused("two letters swapped", form[:i]+form[i+1:i+2]+form[i:i+1]+form[i+2:])
		}
		for _, letter := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" {
			refused("another letter", form[:i]+string(letter)+form[i+1:])
		}
	}
	refused("another layout", strings.NewReplacer("Y", "Z", "Z", "Y").Replace(form))
}

// At most 69 modules at level L, so that a phone's screen shows them large enough: with ES256 or Ed25519, a client_id
// of ours and an issuer of up to 60 characters.
func TestPresenceProofFitsItsSquare(t *testing.T) {
	for name, test := range map[string]struct {
		key     crypto.Signer
		issuer  string
		modules int
	}{
		"ES256":                {ecKey(), issuer, 69},
		"Ed25519":              {edKey(), issuer, 69},
		"the longest issuer":   {ecKey(), "https://" + strings.Repeat("i", 52), 69},
		"PS256 needs a larger": {rsaKey(), issuer, 93},
	} {
		request := presenceRequest(t)
		request.Issuer = test.issuer
		form := must(oauth.SignPresenceProof(test.key, request)).Travel()
		if err := coding.Alpha(form).Check(); err != nil {
			t.Fatalf("%s: not for alphanumeric mode: %v", name, err)
		}
		if regexp.MustCompile(`[^A-Z0-9]`).MatchString(form) {
			t.Errorf("%s: a sign that a layout may change", name)
		}
		code := must(qr.Encode(form, qr.L))
		t.Logf("%s: %d characters, %d modules", name, len(form), code.Size)
		if code.Size > test.modules {
			t.Errorf("%s: %d modules, want %d", name, code.Size, test.modules)
		}
	}
}

// A proof holds a user code: it prints as nothing, like the code itself.
func TestPresenceProofHidesItself(t *testing.T) {
	proof := must(oauth.SignPresenceProof(ecKey(), presenceRequest(t)))
	for _, shown := range []string{proof.String(), fmt.Sprintf("%v %+v %#v %s %q %x", proof, proof, proof, proof, proof, proof), toJSON(proof),
		proof.LogValue().String()} {
		if strings.Contains(shown, "WDJB") || strings.Contains(shown, "eyJ") {
			t.Errorf("shown: %s", shown)
		}
	}
	if (oauth.PresenceProof{}).Travel() != "" {
		t.Error("no proof travels")
	}
}

// docs/presence-proof.md gives a vector to those who implement it elsewhere: it verifies, here and there.
func TestPresenceProofVectorOfThePage(t *testing.T) {
	page := string(must(os.ReadFile("../docs/presence-proof.md")))
	block := func(after string) string {
		_, rest, _ := strings.Cut(page, "<!-- "+after+" -->")
		_, rest, _ = strings.Cut(rest, "```\n")
		text, _, _ := strings.Cut(rest, "\n```")
		return strings.Join(strings.Fields(text), "")
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(block("vector key")), &key); err != nil {
		t.Fatal(err)
	}
	moment := time.Unix(1795338000, 0)
	for _, typed := range []string{travelling(block("vector jwt")), block("vector travelling form")} {
		proof, err := oauth.ParsePresenceProof(typed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := oauth.VerifyPresenceProof(proof, keySet(key),
			oauth.PresenceRules{Issuer: "https://id.example.org", Now: moment.Add(20 * time.Second), Skew: oauth.DefaultPresenceSkew})
		if err != nil || got.ClientID != presenceClient || got.UserCode.Display() != "WDJB-MJHT" {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := oauth.VerifyPresenceProof(proof, keySet(key),
			oauth.PresenceRules{Issuer: "https://id.example.org", Now: moment.Add(61 * time.Second),
				Skew: oauth.DefaultPresenceSkew}); err != oauth.ErrPresenceExpired {
			t.Errorf("a minute later: %v", err)
		}
	}
	if travelling(block("vector jwt")) != block("vector travelling form") {
		t.Error("the two forms differ")
	}
}

func FuzzPresenceProof(f *testing.F) {
	form := travelling(presence(f, nil, nil))
	for _, seed := range []string{form, strings.ToLower(form) + "\r\n", "]Q1" + form[:80], "PRES1", "PRES1PRES1MFRGG", travelling("..")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		proof, err := oauth.ParsePresenceProof(typed)
		if err != nil {
			return
		}
		again, err := oauth.ParsePresenceProof(proof.Travel())
		if err != nil || again.Travel() != proof.Travel() {
			t.Errorf("%q is not read back", typed)
		}
		if client, code, ok := proof.Claimed(); ok && (client == "" || len(code.Display()) != 9) {
			t.Errorf("claims %q", client)
		}
		// The seeds are signed with ecKey: nothing may verify.
		if _, err := oauth.VerifyPresenceProof(proof, keySet(public(otherECKey()), public(edKey())),
			presenceRules); err != oauth.ErrPresenceForged {
			t.Errorf("verified with a key that never signed it: %v", err)
		}
	})
}
