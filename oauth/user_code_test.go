package oauth_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"countersign/oauth"
)

// RFC 8628 §6.1: the alphabet BCDFGHJKLMNPQRSTVWXZ; docs/architecture.md §4.3: eight letters, shown XXXX-XXXX.
func TestNewUserCode(t *testing.T) {
	shape := regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := must(oauth.NewUserCode(rand.Reader)).Display()
		if !shape.MatchString(code) {
			t.Fatalf("%q has another shape", code)
		}
		if seen[code] {
			t.Fatal("the same code twice in 1000")
		}
		seen[code] = true
	}
}

// RFC 8628 §5.1: the entropy counts on every letter being equally likely, so bytes from 240 on are thrown away.
func TestNewUserCodeIsUnbiased(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	source := bytes.NewReader(bytes.Repeat(all, 8)) // 8 × 240 usable bytes: 240 codes
	count := map[rune]int{}
	for range 240 {
		code := must(oauth.NewUserCode(source)).Display()
		for _, letter := range strings.ReplaceAll(code, "-", "") {
			count[letter]++
		}
	}
	if len(count) != 20 {
		t.Fatalf("%d letters, want 20", len(count))
	}
	for letter, n := range count {
		if n != 96 {
			t.Errorf("%c came %d times, want 96", letter, n)
		}
	}
}

// RFC 8628 §6.1: on entry upper-case, drop everything outside the alphabet. docs/protocol.md §6 limiter-reset: variants are one code.
func TestParseUserCode(t *testing.T) {
	for _, typed := range []string{
		"WDJBMJHT", "WDJB-MJHT", "wdjb-mjht", "WdJb mJhT", " WDJB\tMJHT\r\n", "W.D.J.B.M.J.H.T", "WDJB–MJHT",
		"code: WDJB-MJHT"[6:], "0WDJB1MJHT2", "W\u200bDJBMJHT", "AEIOUY WDJB MJHT",
	} {
		code, err := oauth.ParseUserCode(typed)
		if err != nil {
			t.Errorf("%q: %v", typed, err)
		} else if code.Display() != "WDJB-MJHT" {
			t.Errorf("%q was read as %q", typed, code.Display())
		}
	}
}

func TestParseUserCodeRefuses(t *testing.T) {
	for name, typed := range map[string]string{
		"nothing":             "",
		"only dashes":         "----",
		"seven letters":       "WDJB-MJH",
		"nine letters":        "WDJB-MJHTT",
		"digits for letters":  "W0JB-MJHT",
		"a long s, not an S":  "WDJB-MJHſ",
		"a Kelvin sign":       "WDJB-MJH\u212a",
		"full-width letters":  "ＷＤＪＢＭＪＨＴ",
		"Cyrillic look-alike": "WDJB-MJНT",
		"a book":              strings.Repeat(" ", 5000) + "WDJB-MJHT",
	} {
		t.Run(name, func(t *testing.T) {
			code, err := oauth.ParseUserCode(typed)
			if !errors.Is(err, oauth.ErrNotAUserCode) {
				t.Fatalf("got %v", err)
			}
			if code.Display() != "" {
				t.Error("a refused code shows something")
			}
		})
	}
}

// docs/protocol.md §6 secrets-told: no code in logs, URLs, events or errors.
func TestUserCodeNeverPrintsItself(t *testing.T) {
	code := must(oauth.ParseUserCode("WDJB-MJHT"))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("matched", "code", code, "request", struct{ Code oauth.UserCode }{code})
	slog.New(slog.NewTextHandler(&log, nil)).Info("matched", "code", code)
	printed := map[string]string{"String": code.String(), "slog": log.String(), "Sprint": fmt.Sprint(code)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		printed[verb] = fmt.Sprintf(verb, code) + fmt.Sprintf(verb, struct{ Code oauth.UserCode }{code}) +
			fmt.Sprintf(verb, []oauth.UserCode{code}) + fmt.Sprintf(verb, &code)
	}
	printed["JSON"] = string(must(json.Marshal(map[string]any{"code": code})))
	hex := fmt.Sprintf("%x", "WDJB")
	for how, text := range printed {
		if strings.Contains(text, "WDJB") || strings.Contains(text, "MJHT") || strings.Contains(strings.ToLower(text), hex) {
			t.Errorf("%s shows the code: %s", how, text)
		}
		if !strings.Contains(text, "[user code]") {
			t.Errorf("%s shows nothing: %s", how, text)
		}
	}
}

// docs/architecture.md §4.3: stored as an HMAC under a server key.
func TestUserCodeMAC(t *testing.T) {
	key, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	a, b := must(oauth.ParseUserCode("WDJB-MJHT")), must(oauth.ParseUserCode("wdjbmjht"))
	if a.MAC(key) != b.MAC(key) || a != b {
		t.Error("two spellings of one code differ")
	}
	if a.MAC(key) == a.MAC(other) {
		t.Error("the key makes no difference")
	}
	if a.MAC(key) == must(oauth.ParseUserCode("WDJB-MJHW")).MAC(key) {
		t.Error("two codes are the same")
	}
	if len(a.MAC(key)) != 43 {
		t.Errorf("%d characters, want 43", len(a.MAC(key)))
	}
}

// A search box has to know a code from an identifier, whatever a keyboard made of the dash.
func TestFindUserCode(t *testing.T) {
	for _, text := range []string{"WDJB-MJHT", "wdjbmjht", "WDJB MJHT", "WDJB--MJHT", "WDJB_MJHT", "W.D.J.B.M.J.H.T", "WDJBßMJHT", "WDJB–MJHT",
		"https://id.example/device?user_code=WDJB-MJHT", " HTTPS://id.example/d?a=b&user_code=wdjbmjht#x "} {
		read, found := oauth.FindUserCode(text)
		code, err := oauth.ParseUserCode(read)
		if !found || err != nil || code.Display() != "WDJB-MJHT" {
			t.Errorf("%q: %t, %v", text, found, err)
		}
	}
	if _, found := oauth.FindUserCode("https://id.example/device?user_code=cut"); !found {
		t.Error("an address with half a code is an identifier")
	}
	for _, text := range []string{"", "AAAA-EEEE", "WDJBMJHTD", "WDJB-MJHT-1", "wdjb@mjht", "anna@example.org",
		"https://id.example/device", "K-1002"} {
		if _, found := oauth.FindUserCode(text); found {
			t.Errorf("%q is taken for a code", text)
		}
	}
}
