package audit

import (
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
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
		"occurred_at": "yesterday", "account_id": nil, "txn": 7, "kid": []byte("key-1\x00"), "set_jwt": nil,
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
		{"deleted and closed up", "DELETE FROM audit_events WHERE seq = 3; UPDATE audit_events SET seq = seq - 1 WHERE seq > 3", 3, "seq differs from the SET, which is entry 4"},
		{"swapped", "UPDATE audit_events SET seq = 7 - seq WHERE seq IN (3, 4)", 3, "seq differs from the SET, which is entry 4"},
		{"twice", "INSERT INTO audit_events SELECT * FROM audit_events WHERE seq = 3", 3, "seq is used twice"},
		{"replayed as the newest", "INSERT INTO audit_events SELECT 6, 'new', type, occurred_at, txn, account_id, client_id, staff_id, counter_id, device_authorization_id, kid, set_jwt FROM audit_events WHERE seq = 3", 6, "seq differs from the SET, which is entry 3"},
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

func TestVerifyTokens(t *testing.T) {
	stranger := newKey(t, "key-1")
	for _, test := range []struct {
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
			return f.resign(set, jose.SigningKey{Algorithm: jose.ES256, Key: stranger}, setType)
		}, `signature is not of key "key-1"`},
		{"signed by a stranger who brings the key", func(f *fixture, set string) string {
			return f.sign(payloadOf(f, set), jose.SigningKey{Algorithm: jose.ES256, Key: stranger},
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
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, testTable, 4)
			f.exec("UPDATE audit_events SET set_jwt = ? WHERE seq = 3", test.forge(f, f.entry(3).SET))
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

// Somebody who has the signing key still cannot write what is not in the catalogue.
func TestVerifyClaims(t *testing.T) {
	type object = map[string]any
	approved := TypeURI(testIssuer, DeviceBindingApproved)
	for _, test := range []struct {
		name   string
		change func(claims, facts object)
		reason string
	}{
		{"other issuer", func(c, _ object) {
			c["iss"] = "https://other.example"
			c["events"] = object{TypeURI("https://other.example", DeviceBindingApproved): object{}}
		}, "iss is not " + testIssuer},
		{"no jti", func(c, _ object) { delete(c, "jti") }, "jti missing"},
		{"iat of another time", func(c, _ object) { c["iat"] = testTime.Unix() }, "iat and toe are not the same moment"},
		{"toe is text", func(c, _ object) { c["toe"] = "today" }, "claims are not those of a SET"},
		{"exp", func(c, _ object) { c["exp"] = testTime.Unix() }, `unexpected claim "exp"`},
		{"sub", func(c, _ object) { c["sub"] = "acc_41" }, `unexpected claim "sub"`},
		{"no subject", func(c, _ object) { delete(c, "sub_id") }, "subject missing"},
		{"subject in another format", func(c, _ object) { c["sub_id"] = object{"format": "email", "email": "x@mail.example"} }, "sub_id is not an account of this issuer"},
		{"subject of another issuer", func(c, _ object) {
			c["sub_id"] = object{"format": "iss_sub", "iss": "https://other.example", "sub": "acc_41"}
		}, "sub_id is not an account of this issuer"},
		{"no event", func(c, _ object) { c["events"] = object{} }, "not exactly one event"},
		{"two events", func(c, f object) { c["events"] = object{approved: f, TypeURI(testIssuer, CodeMatched): f} }, "not exactly one event"},
		{"event of another issuer", func(c, f object) { c["events"] = object{TypeURI("https://other.example", DeviceBindingApproved): f} }, "event type is not one of this issuer"},
		{"unknown event type", func(c, f object) { c["events"] = object{TypeURI(testIssuer, "device-binding-stolen"): f} }, `unknown event type "device-binding-stolen"`},
		{"no seq", func(_, f object) { delete(f, "seq") }, "required fact seq missing"},
		{"another seq", func(_, f object) { f["seq"] = 4 }, "seq differs from the SET, which is entry 4"},
		{"no actor", func(_, f object) { delete(f, "actor") }, "required fact actor missing"},
		{"no binding", func(_, f object) { delete(f, "binding") }, "required fact binding missing"},
		{"a fact of another type", func(_, f object) { f["tries_left"] = 2 }, `unexpected fact "tries_left"`},
		{"a name", func(_, f object) { f["name"] = "Anna Maria Eriksson" }, `unexpected fact "name"`},
		{"a code", func(_, f object) { f["user_code"] = "BCDF-GHJK" }, `unexpected fact "user_code"`},
		{"a fact in capitals", func(_, f object) { f["Scope"] = "profile" }, `unexpected fact "Scope"`},
		{"a value of the wrong shape", func(_, f object) { f["redeem_until"] = 1.5 }, "facts are not those of an event"},
		{"free text", func(_, f object) { f["presence"] = "Anna was here." }, "fact presence does not look like one"},
		{"the wrong kind of actor", func(_, f object) { f["actor"] = object{"client": "client_5"} }, `actor of kind "client" cannot cause it`},
		{"a device with a name", func(_, f object) { f["device"].(object)["name"] = "My phone" }, `fact device has an unexpected "name"`},
		{"a device without its key", func(_, f object) { f["device"] = object{"client": "client_5"} }, "fact device must have a key_thumbprint"},
		{"a device that is no object", func(_, f object) { f["device"] = "client_5" }, "facts are not those of an event"},
		{"a client outside the device", func(_, f object) { f["client"] = "client_5" }, `unexpected fact "client"`},
		{"two actors", func(_, f object) { f["actor"] = object{"staff": "staff_7", "system": "server"} }, "fact actor must name exactly one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, testTable, 4)
			set := f.entry(3).SET
			var c object
			if err := json.Unmarshal(payloadOf(f, set), &c); err != nil {
				t.Fatal(err)
			}
			test.change(c, c["events"].(object)[approved].(object))
			payload, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			forged := f.sign(payload, f.signingKey(), (&jose.SignerOptions{}).WithType(setType))
			f.exec("UPDATE audit_events SET set_jwt = ? WHERE seq = 3", forged)
			f.wantProblem(3, test.reason)
		})
	}
}

func TestVerifyRefusesAMemberThatIsThereTwice(t *testing.T) {
	f := newLogOf(t, testTable, 4)
	payload := strings.Replace(string(payloadOf(f, f.entry(3).SET)), `"seq":3`, `"seq":9,"seq":3`, 1)
	forged := f.sign([]byte(payload), f.signingKey(), (&jose.SignerOptions{}).WithType(setType))
	f.exec("UPDATE audit_events SET set_jwt = ? WHERE seq = 3", forged)
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
