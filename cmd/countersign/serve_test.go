package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serveVariables are the settings of a server on a new database.
func serveVariables(t *testing.T) (environ []string, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address = listener.Addr().String()
	return []string{
		"COUNTERSIGN_ISSUER=http://" + address, "COUNTERSIGN_LISTEN=" + address,
		"COUNTERSIGN_DATABASE=sqlite:" + filepath.Join(t.TempDir(), "countersign.db"), "COUNTERSIGN_MASTER_KEY=" + testMasterKey,
		"COUNTERSIGN_OIDC_ISSUER=http://127.0.0.1:1", "COUNTERSIGN_OIDC_CLIENT_ID=console", "COUNTERSIGN_OIDC_CLIENT_SECRET=s3cr3t-value",
	}, address
}

func TestServeStartsAndEnds(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	server := start(t, environ, "serve", "--migrate", "--log-level", "debug")
	waitForAnswer(t, "http://"+address+"/readyz")
	if got := runWith(t, nil, "", "health", "--url", "http://"+address+"/readyz"); got.code != 0 || got.stdout != "healthy\n" {
		t.Errorf("health: exit code %d, %q", got.code, got.stderr)
	}
	got := server.stop()
	if got.code != 0 {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	for _, secret := range []string{testMasterKey, "s3cr3t-value"} {
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Errorf("a secret is in the log:\n%s", got.stderr)
		}
	}
	if got := runWith(t, nil, "", "health", "--url", "http://"+address+"/readyz"); got.code != exitFailed {
		t.Errorf("health after the end: exit code %d", got.code)
	}
}

func TestServeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	got := runWith(t, environ, "", "serve")
	if got.code != exitFailed || !strings.Contains(got.stderr, "there is no database") {
		t.Errorf("no file: exit code %d, %q", got.code, got.stderr)
	}
	path := strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := runWith(t, environ, "", "serve"); got.code != exitFailed || !strings.Contains(got.stderr, "countersign migrate up") {
		t.Errorf("no schema: exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	if got := runWith(t, environ, "", "counters", "list"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	other := append(environ, "COUNTERSIGN_MASTER_KEY="+strings.Repeat("A", 43))
	if got := runWith(t, other, "", "serve"); got.code != exitFailed ||
		!strings.Contains(got.stderr, "give the master key that this database was started with") {
		t.Errorf("another key: exit code %d, %q", got.code, got.stderr)
	}
}

func waitForAnswer(t *testing.T, address string) {
	t.Helper()
	if !until(func() bool {
		response, err := http.Get(address)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}) {
		t.Fatalf("%s does not answer", address)
	}
}

// A server whose database can only be read does not start: its phones would poll in vain.
func TestServeNeedsToWrite(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	for _, command := range [][]string{{"migrate", "up"}, {"counters", "list"}} {
		if got := runWith(t, environ, "", command...); got.code != 0 {
			t.Fatal(got.stderr)
		}
	}
	file, err := os.OpenFile(strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt([]byte{3}, 18); err != nil { // a write version that no program has: read only (SQLite file format §1.3.3)
		t.Fatal(err)
	}
	got := runWith(t, environ, "", "serve")
	if got.code != exitFailed || !strings.Contains(got.stderr, "can only be read") ||
		!strings.Contains(got.stderr, "Next: let the server write") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}
