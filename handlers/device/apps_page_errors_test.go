package device_test

import (
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

var errorRow = regexp.MustCompile("(?m)^\\| ([0-9, ]+) \\| `(\\w+)` \\|")

// docs/apps.md §14: each error that package oauth has is in the table, with each status that it is answered with, and
// each is brought about here.
func TestAppsPageErrors(t *testing.T) {
	t.Parallel()
	var told []string
	for _, row := range errorRow.FindAllStringSubmatch(readAppsPage(t), -1) {
		for _, status := range strings.Split(row[1], ", ") {
			told = append(told, status+" "+row[2])
		}
	}
	provoked := map[string]provoke{}
	for code, bringAbout := range provocations() {
		provoked[fmt.Sprintf("%d %s", (&oauth.Error{Code: code}).Status(), code)] = bringAbout
	}
	maps.Copy(provoked, otherStatuses())
	for _, row := range told {
		if provoked[row] == nil {
			t.Errorf("the page tells of %s, and nothing brings it about", row)
		}
	}
	for row, bringAbout := range provoked {
		t.Run(row, func(t *testing.T) {
			if !slices.Contains(told, row) {
				t.Error("the page does not tell of it")
			}
			if answer := bringAbout(t); fmt.Sprintf("%d %s", answer.Status, answer.Code()) != row {
				t.Errorf("answered %d %s", answer.Status, answer.Text)
			}
		})
	}
}

// otherStatuses are the errors that come with a status besides their usual one.
func otherStatuses() map[string]provoke {
	calls := func(forge handlerstest.Forge) provoke {
		return func(t *testing.T) answer {
			s := demanding(t)
			phone := s.Phone()
			deviceCode, userCode, nonce := askWithNonce(t, phone)
			s.Approve(t, userCode)
			token := readTokens(t, phone.PollRaw(deviceCode, withNonce(nonce))).Access
			return call(s, "DPoP "+token, phone.Proof(http.MethodGet, oauth.PathWhoAmI, token, forge))
		}
	}
	return map[string]provoke{
		"401 use_dpop_nonce":     calls(handlerstest.Forge{}),
		"401 invalid_dpop_proof": calls(handlerstest.Forge{Broken: true}),
		"404 invalid_request":    func(t *testing.T) answer { return handlerstest.Start(t, handlerstest.Config{}).Get("/nowhere") },
		"405 invalid_request":    func(t *testing.T) answer { return handlerstest.Start(t, handlerstest.Config{}).Get(oauth.PathToken) },
		"413 invalid_request": func(t *testing.T) answer {
			return newPhone(t).AskRaw(handlerstest.Request{Form: form{"instance_name": strings.Repeat("x", 1<<20)}})
		},
		"415 invalid_request": func(t *testing.T) answer {
			return newPhone(t).AskRaw(handlerstest.Request{Header: http.Header{"Content-Encoding": {"gzip"}}})
		},
		"429 temporarily_unavailable": func(t *testing.T) answer {
			s := handlerstest.Start(t, handlerstest.Config{Limits: limits.Default})
			phone := s.Phone()
			for range 20 {
				if answer := phone.AskRaw(handlerstest.Request{}); answer.Status != http.StatusOK {
					return answer
				}
			}
			return answer{}
		},
	}
}

// docs/apps.md §14: the reasons of a decline that the server tells, and no others (TestDeclineReasonIsTold brings each about).
func TestAppsPageDeclineReasons(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(readAppsPage(t), "`countersign_decline_reason`")
	table, _, _ = strings.Cut(table, "\n## ")
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		told = append(told, row[1])
	}
	if want := []string{oauth.DocumentExpired, oauth.DocumentNotAccepted, oauth.CounterTrouble}; !slices.Equal(told, want) {
		t.Errorf("the page tells of %v, want %v", told, want)
	}
}

// RFC 7518 §3.4: the signature that the page gives to test a conversion by is one, in both formats.
func TestAppsPageSignature(t *testing.T) {
	t.Parallel()
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(vector(t, "../../docs/presence-proof.md", "key")), &key); err != nil {
		t.Fatal(err)
	}
	public, _ := key.Key.(*ecdsa.PublicKey)
	der, err := hex.DecodeString(vector(t, "../../docs/apps.md", "der"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := rawSignature(der)
	if err != nil || hex.EncodeToString(raw) != vector(t, "../../docs/apps.md", "raw") || !verifiesRaw(public, []byte("countersign"), raw) {
		t.Errorf("not the same signature: %x, %v", raw, err)
	}
	if der[4] != 0 || der[3] != 33 || der[6+der[3]-1] >= 32 {
		t.Errorf("it has neither a zero before r nor a short s: %x", der)
	}
}

// vector returns a block of a page that has a name.
func vector(t *testing.T, path, name string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "<!-- vector "+name+" -->\n```\n")
	block, _, closed := strings.Cut(block, "\n```\n")
	if !found || !closed {
		t.Fatalf("%s has no vector %s", path, name)
	}
	return block
}
