package main

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/oauth"
)

// The search finds what it is made to find: the secrecy test is able to fail.
func TestPlantedSecretsAreFound(t *testing.T) {
	t.Parallel()
	secrets := []secret{
		{kind: "user code", text: "WDJB-MJHT"},
		{kind: "access token", text: jwtLike("access")},
		{kind: "device code", text: "guw3qx5tGmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS0A"},
		{kind: "name", text: "Wilhelmina Oxenstierna", personal: true},
		{kind: "date of birth", text: "1971-03-09", personal: true},
	}
	for kind, planted := range map[string][]string{
		"user code": {"level=DEBUG code=WDJB-MJHT", "code=wdjbmjht", "code=Wdjb+Mjht", "/counter/wdjb-MJHT", "/match?code=WDJB%2DMJHT"},
		"access token": {"Authorization: DPoP " + jwtLike("access"), "claims=" + strings.Split(jwtLike("access"), ".")[1],
			"signature " + strings.Split(jwtLike("access"), ".")[2]},
		"device code": {"device_code=guw3qx5tGmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS0A&grant_type=x",
			"without its time GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS0A"},
		"name":          {`{"actor":"wilhelmina oxenstierna"}`, "name=Wilhelmina+Oxenstierna", "surname=OXENSTIERNA"},
		"date of birth": {"birth 1971-03-09", "9 March 1971", "19710309", "09.03.1971"},
	} {
		for _, text := range planted {
			if found := findSecrets([]string{text}, secrets); len(found) != 1 || !strings.Contains(found[0], kind) {
				t.Errorf("%q: found %q, want the %s", text, found, kind)
			}
		}
	}
	if found := findSecrets([]string{"level=INFO msg=request route=/token status=200", ""}, secrets); len(found) > 0 {
		t.Errorf("found in an innocent line: %q", found)
	}
}

func jwtLike(what string) string {
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return encode(`{"alg":"ES256"}`) + "." + encode(`{"jti":"`+what+`","exp":1}`) + "." + encode("signature of the "+what+" token")
}

// secret is something that must not be found.
type secret struct {
	kind, text string
	personal   bool // may be in the database in clear: an account's record
}

// mayBeStored: an account's record, and a code verifier, which only the server itself
// uses, once and within minutes.
func (s secret) mayBeStored() bool { return s.personal || s.kind == "code verifier" }

// forms are the ways in which the secret could be written, in small letters.
func (s secret) forms() []string {
	text := strings.ToLower(s.text)
	switch {
	case s.kind == "user code":
		plain := strings.ReplaceAll(text, "-", "")
		return []string{plain, plain[:4] + "-" + plain[4:], plain[:4] + " " + plain[4:]}
	case s.kind == "device code" || s.kind == "refresh token": // begins with a time, which is no secret (docs/decisions/0079-codes-by-time.md)
		if begin := len(oauth.SortableTime(time.Time{})); len(text) > begin {
			return []string{text[begin:]}
		}
	case s.kind == "name":
		return strings.Fields(text)
	case s.kind == "date of birth":
		day, err := time.Parse(time.DateOnly, s.text)
		if err != nil {
			panic(err)
		}
		var forms []string
		for _, layout := range []string{time.DateOnly, "20060102", "2 January 2006", "02.01.2006", "02/01/2006", "01/02/2006"} {
			forms = append(forms, strings.ToLower(day.Format(layout)))
		}
		return forms
	}
	forms := []string{text}
	if parts := strings.Split(text, "."); len(parts) == 3 && !s.personal { // a JWT: what it says, and its signature
		forms = append(forms, parts[1:]...)
	}
	return forms
}

// findSecrets says which texts hold which secrets, at most one finding a secret and text.
func findSecrets(texts []string, secrets []secret) []string {
	var found []string
	for _, text := range texts {
		plain := strings.ToLower(text)
		decoded, err := url.QueryUnescape(plain)
		if err != nil {
			decoded = plain
		}
		for _, s := range secrets {
			if slices.ContainsFunc(s.forms(), func(form string) bool {
				return strings.Contains(plain, form) || strings.Contains(decoded, form)
			}) {
				found = append(found, fmt.Sprintf("the %s is in %.200q", s.kind, text))
			}
		}
	}
	return found
}
