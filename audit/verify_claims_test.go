package audit

import (
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

type object = map[string]any

var approvedURI = TypeURI(testIssuer, DeviceBindingApproved)

// forgedClaims are changes of entry 3, an approval, before it is signed again.
var forgedClaims = []struct {
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
	{"subject in another format", func(c, _ object) { c["sub_id"] = object{"format": "email", "email": "x@mail.example"} },
		"sub_id is not an account of this issuer"},
	{"subject of another issuer", func(c, _ object) {
		c["sub_id"] = object{"format": "iss_sub", "iss": "https://other.example", "sub": "acc_41"}
	}, "sub_id is not an account of this issuer"},
	{"no event", func(c, _ object) { c["events"] = object{} }, "not exactly one event"},
	{"two events", func(c, f object) { c["events"] = object{approvedURI: f, TypeURI(testIssuer, CodeMatched): f} }, "not exactly one event"},
	{"event of another issuer", func(c, f object) { c["events"] = object{TypeURI("https://other.example", DeviceBindingApproved): f} },
		"event type is not one of this issuer"},
	{"unknown event type", func(c, f object) { c["events"] = object{TypeURI(testIssuer, "device-binding-stolen"): f} },
		`unknown event type "device-binding-stolen"`},
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
}

// Somebody who has the signing key still cannot write what is not in the catalogue.
func TestVerifyClaims(t *testing.T) {
	for _, test := range forgedClaims {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, testTable, 4)
			set := f.entry(3).SET
			var c object
			if err := json.Unmarshal(payloadOf(f, set), &c); err != nil {
				t.Fatal(err)
			}
			test.change(c, c["events"].(object)[approvedURI].(object))
			payload, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			forged := f.sign(payload, f.signingKey(), (&jose.SignerOptions{}).WithType(setType))
			f.exec("UPDATE audit_events SET set_text = ? WHERE seq = 3", forged)
			f.wantProblem(3, test.reason)
		})
	}
}
