package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/oauth/protectedresource"
)

// nginxAPI is the nginx of the page, the checker that it asks, and an API behind that looks at nothing but the account.
func nginxAPI(t *testing.T, issuer, address string) {
	t.Helper()
	checker, letters := newAddress(t), newAddress(t)
	startNginx(t, nginxSettings(t, address, checker, letters))
	startChecker(t, issuer, "http://"+address, checker, "profile")
	serveUntilEnd(t, &http.Server{Addr: letters, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization")+r.Header.Get("DPoP") != "" || len(r.Header.Values("X-Account")) > 1 {
			t.Errorf("the API is told %v", r.Header)
		}
		fmt.Fprintf(w, "letters of %s", r.Header.Get("X-Account"))
	})})
	answers(t, address)
}

// nginxSettings are those of the page, at other addresses.
func nginxSettings(t *testing.T, address, checker, letters string) string {
	t.Helper()
	at := strings.NewReplacer("127.0.0.1:8090", address, "127.0.0.1:8091", checker, "127.0.0.1:8092", letters)
	return at.Replace(fence(t, "nginx", "nginx"))
}

// startChecker is the Go of the page; what it returns ends it.
func startChecker(t *testing.T, issuer, audience, listen, scope string) *http.Server {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	letters := &protectedresource.Resource{
		Issuer: issuer, Audience: audience,
		Keys:   protectedresource.Remote(issuer, nil, nil),
		Nonces: &oauth.Nonces{Key: key}, // 32 random bytes
	}
	checker := &http.Server{Addr: listen, Handler: letters.AuthRequest(scope), ReadHeaderTimeout: 10 * time.Second}
	serveUntilEnd(t, checker)
	return checker
}

// serveUntilEnd serves until the test ends, or the server is closed.
func serveUntilEnd(t *testing.T, server *http.Server) {
	t.Helper()
	go func() { _ = server.ListenAndServe() }()
	t.Cleanup(func() { _ = server.Close() })
	answers(t, server.Addr)
}

// startNginx runs nginx with a part of its settings, what stands in http, until the test ends. It is not root, and writes
// into a folder of its own. A test without nginx is skipped, or fails where nothing may be skipped.
func startNginx(t *testing.T, part string) {
	t.Helper()
	program := neededProgram(t, "nginx", "nginx")
	folder, err := os.MkdirTemp("", "nginx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	settings := "daemon off; master_process off; pid " + folder + "/pid; events {} http { access_log off;\n"
	for _, kept := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		settings += kept + "_temp_path " + folder + "/" + kept + ";\n"
	}
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(settings+part+"}"), 0o644); err != nil { //nolint:gosec // another user reads it
		t.Fatal(err)
	}
	nginx := exec.CommandContext(t.Context(), program, "-e", "stderr", "-p", folder, "-c", file)
	nginx.Stderr, nginx.SysProcAttr = t.Output(), nobody(t, folder)
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nginx.Wait() }) // killed with the test's context
}

// nobody makes a program that root starts run as the user nobody, to whom the folder is given.
func nobody(t *testing.T, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	const id = 65534
	if err := os.Chown(folder, id, id); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
}

// The nginx of the page passes on what the checker says: its nonce, which scope is missing, once and to the client; and
// lets nobody in when there is no checker.
func TestNginxPassesTheCheckersWordOn(t *testing.T) {
	t.Parallel()
	address, checker, letters := newAddress(t), newAddress(t), newAddress(t)
	phone, issuer, _ := connectedFor(t, "http://"+address)
	startNginx(t, nginxSettings(t, address, checker, letters))
	asked := 0
	serveUntilEnd(t, &http.Server{Addr: letters, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })})
	asked = 0
	strict := startChecker(t, issuer, "http://"+address, checker, "accounts:read")
	answers(t, address)

	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		answer := callFor(t, phone, method, "http://"+address+"/a/../letters%2Fall?from=x")
		challenges := answer.Header.Values("WWW-Authenticate")
		if answer.StatusCode != http.StatusForbidden || len(challenges) != 1 ||
			!strings.Contains(challenges[0], `scope="accounts:read", error="insufficient_scope"`) {
			t.Errorf("%s without the scope: %d, %q", method, answer.StatusCode, challenges)
		}
	}
	if err := strict.Close(); err != nil {
		t.Fatal(err)
	}
	if answer := callFor(t, phone, http.MethodGet, "http://"+address+"/letters"); answer.StatusCode != http.StatusInternalServerError {
		t.Errorf("without a checker: %d", answer.StatusCode)
	}
	startChecker(t, issuer, "http://"+address, checker, "profile")
	anew, err := http.Get("http://" + address + "/letters")
	if err != nil {
		t.Fatal(err)
	}
	anew.Body.Close()
	if challenges := anew.Header.Values("WWW-Authenticate"); anew.StatusCode != 401 || len(challenges) != 1 || asked != 0 {
		t.Errorf("without a token: %d, %q, and the API was asked %d times", anew.StatusCode, challenges, asked)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
		if answer := callFor(t, phone, method, "http://"+address+"/a//b/%7Eletters%2Fall?from=a;b"); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %v", method, answer.StatusCode, answer.Header)
		}
	}
	if asked != 4 {
		t.Errorf("the API was asked %d times", asked)
	}
}

func callFor(t *testing.T, phone *deviceclient.Client, method, address string) *http.Response {
	t.Helper()
	answer, err := phone.Call(t.Context(), method, address)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return answer
}
