package deviceclient_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"countersign/oauth/deviceclient"
)

func TestErrorsNeverHoldSecrets(t *testing.T) {
	echo := `{"error":"invalid_request","error_description":"bad ` + deviceCode + ` ` + userCode + ` ` + refreshOne + `\u001b[2J\u202e"}`
	p := newPeer(t)
	p.script["/token"] = []reply{{status: 400, body: echo}}
	ph := waiting(t, p)
	ph.State.Tokens = &deviceclient.Tokens{AccessToken: accessOne, RefreshToken: refreshOne}
	for _, err := range []error{ph.Poll(t.Context()), ph.Refresh(t.Context())} {
		wantCode(t, err, "invalid_request")
		wantNoSecret(t, err.Error())
		if strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("%q is not fit for a terminal", err)
		}
	}
	p.server.Close()
	wantNoSecret(t, ph.Poll(t.Context()).Error())
}

func TestStateNeverPrintsSecrets(t *testing.T) {
	p := newPeer(t)
	ph := waiting(t, p)
	state := ph.State
	state.Tokens = &deviceclient.Tokens{AccessToken: accessOne, RefreshToken: refreshOne}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("state", "state", state, "key", state.Key, "code", state.Authorization.UserCode)
	slog.New(slog.NewTextHandler(&log, nil)).Info("state", "state", state, "key", state.Key)
	for _, holder := range []any{state, &state, *state.Tokens, state.Tokens, *state.Authorization, state.Authorization,
		*state.Management, state.Management, state.Key, ph.Client, *ph.Client, state.Tokens.AccessToken} {
		slog.New(slog.NewJSONHandler(&log, nil)).Info("holder", "holder", holder)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&log, verb+"\n", holder)
		}
	}
	wantNoSecret(t, log.String())
}

func TestKey(t *testing.T) {
	key, err := deviceclient.NewKey(nil)
	must(t, err)
	text, err := json.Marshal(key)
	must(t, err)
	var again deviceclient.Key
	must(t, json.Unmarshal(text, &again))
	registered := key.Public()
	if again.Thumbprint() != key.Thumbprint() || !registered.IsPublic() || registered.KeyID != key.Thumbprint() {
		t.Error("not the same key")
	}
	public, err := registered.MarshalJSON()
	must(t, err)
	symmetric, err := jose.JSONWebKey{Key: []byte("0123456789abcdef")}.MarshalJSON()
	must(t, err)
	for _, bad := range []string{string(public), string(symmetric), `{}`, `{"kty":"EC"}`} {
		if err := json.Unmarshal([]byte(bad), &again); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestFileState(t *testing.T) {
	file := deviceclient.FileState{Path: filepath.Join(t.TempDir(), "new", "phone.json")}
	state, err := file.Load()
	if err != nil || state.ClientID != "" {
		t.Fatalf("a missing file: %v", err)
	}
	must(t, file.Save(deviceclient.State{ClientID: "client-1"}))
	must(t, file.Save(deviceclient.State{ClientID: "client-2"}))
	state, err = file.Load()
	if err != nil || state.ClientID != "client-2" {
		t.Fatalf("%v, %q", err, state.ClientID)
	}
	info, err := os.Stat(file.Path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file.Path), ".phone-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, os.Chmod(file.Path, 0o640))
	if _, err := file.Load(); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("readable by others: %v", err)
	}
	must(t, os.WriteFile(file.Path, []byte("{"), 0o600))
	must(t, os.Chmod(file.Path, 0o600))
	if _, err := file.Load(); err == nil {
		t.Error("half a file was accepted")
	}
}

func TestOneProcessAtATime(t *testing.T) {
	file := deviceclient.FileState{Path: filepath.Join(t.TempDir(), "phone.json")}
	unlock, err := file.Lock()
	must(t, err)
	if _, err := file.Lock(); err == nil {
		t.Error("locked twice")
	}
	must(t, unlock())
	unlock, err = file.Lock()
	must(t, err)
	must(t, unlock())
}
