package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// writeFiles writes executable files, by path.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	for path, content := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o700)); err != nil {
			t.Fatal(err)
		}
	}
}

// operationsOfInstall is a folder as it was downloaded, without the files for other processors.
func operationsOfInstall(t *testing.T) []string {
	folder, name := t.TempDir(), "countersign_1.2.3_linux_amd64"
	writeFiles(t, map[string]string{
		filepath.Join(folder, name, "countersign"):        "#!/bin/sh\necho countersign v1.2.3\n",
		filepath.Join(folder, name, "countersign-verify"): "#!/bin/sh\n",
	})
	const lines = "tar -czf $0.tar.gz $0; rm -r $0; echo no > other; sha256sum $0.tar.gz other > SHA256SUMS; rm other"
	pack := exec.Command("sh", "-ec", lines, name)
	pack.Dir = folder
	if said, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return []string{"DOWNLOADS=" + folder, "BIN=" + t.TempDir()}
}

// Nothing is installed that is not what was published.
func TestInstallLooksAtTheChecksums(t *testing.T) {
	t.Parallel()
	environ := operationsOfInstall(t)
	archive := filepath.Join(lookup(environ)("DOWNLOADS"), "countersign_1.2.3_linux_amd64.tar.gz")
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1 // in the size at its end, which tar does not look at
	writeFiles(t, map[string]string{archive: string(content)})
	shell := exec.Command("sh", "-e", "-u")
	shell.Stdin, shell.Env = strings.NewReader(operationsPage(t)["Install"]), append(os.Environ(), environ...)
	if said, err := shell.CombinedOutput(); err == nil || isThere(filepath.Join(lookup(environ)("BIN"), "countersign")) {
		t.Errorf("%v\n%s", err, said)
	}
}

func operationsOfAdministrator(t *testing.T) []string {
	environ, _ := migratedFile(t)
	accounts := filepath.Join(t.TempDir(), "accounts.csv")
	writeFiles(t, map[string]string{accounts: "identifiers,name,date_of_birth,contact,status\n" +
		"anna.lindqvist@example.org,Anna Lindqvist,1984-03-09,,active\n"})
	return append(environ, "ACCOUNTS="+accounts)
}

// operationsOfTLS is a server with a certificate of before, a renewed one, and a machine whose systemctl reaches that server.
func operationsOfTLS(t *testing.T) []string {
	environ, address := serveVariables(t)
	folder, now := t.TempDir(), time.Now()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"tls", "live", "bin"} {
		if err := os.Mkdir(at(name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	writeCertificate(t, at("tls/cert.pem"), at("tls/key.pem"), now.Add(-day), now.Add(3*day), "127.0.0.1")
	writeCertificate(t, at("live/fullchain.pem"), at("live/privkey.pem"), now.Add(-day), now.Add(90*day), "127.0.0.1")
	environ = append(environ, "COUNTERSIGN_ISSUER=https://"+address, "COUNTERSIGN_MIGRATE=true",
		"COUNTERSIGN_TLS_CERT="+at("tls/cert.pem"), "COUNTERSIGN_TLS_KEY="+at("tls/key.pem"))
	server := exec.Command("countersign", "serve")
	server.Env = append(os.Environ(), environ...)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Process.Kill(), server.Wait() })
	if !until(func() bool { return runWith(t, environ, "", "health").code == 0 }) {
		t.Fatal("the server does not answer")
	}
	writeFiles(t, map[string]string{
		at("bin/chown"):     "#!/bin/sh\n",
		at("bin/systemctl"): "#!/bin/sh\n[ \"$*\" != 'reload countersign' ] || kill -HUP " + strconv.Itoa(server.Process.Pid) + "\n",
	})
	return append(environ, "TLS="+at("tls"), "HOOKS="+at("hooks"), "LIVE="+at("live"), "PATH="+at("bin")+":"+os.Getenv("PATH"))
}

// The hook of docs/operations.md brings a renewed certificate to a server that runs, and leaves its key to nobody else.
func TestRenewalHookReachesTheServer(t *testing.T) {
	t.Parallel()
	environ := operationsOfTLS(t)
	said := runAsCron(t, "TLS", environ)
	text, err := os.ReadFile(filepath.Join(lookup(environ)("LIVE"), "fullchain.pem"))
	if err != nil {
		t.Fatal(err)
	}
	renewed, _ := pem.Decode(text)
	if !until(func() bool {
		connection, err := tls.Dial("tcp", lookup(environ)("COUNTERSIGN_LISTEN"), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return false
		}
		defer connection.Close()
		return bytes.Equal(connection.ConnectionState().PeerCertificates[0].Raw, renewed.Bytes)
	}) {
		t.Errorf("the renewed certificate is not served:\n%s", said)
	}
	if info, err := os.Stat(filepath.Join(lookup(environ)("TLS"), "key.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its key is %v, %v", info, err)
	}
}

// privateProvider is an OpenID Provider's metadata under a name, with a certificate that no system knows, and where it listens.
func privateProvider(t *testing.T, issuer, name string) (certFile, address string) {
	t.Helper()
	certFile, keyFile := certificateFor(t, time.Now().Add(-day), time.Now().Add(day), name)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if issuer == "" {
			issuer = "https://" + request.Host
		}
		answer.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(answer).Encode(map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/auth", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	return certFile, server.Listener.Addr().String()
}

func operationsOfAuthority(t *testing.T) []string {
	environ, _ := migratedFile(t)
	certFile, address := privateProvider(t, "", "127.0.0.1")
	return append(environ, "AUTHORITY="+certFile, "COUNTERSIGN_OIDC_ISSUER=https://"+address)
}

// A provider of a private authority is believed with SSL_CERT_FILE, and not without.
func TestPrivateAuthorityIsBelieved(t *testing.T) {
	t.Parallel()
	environ := operationsOfAuthority(t)
	if said := runAsCron(t, "A private certificate authority", environ); strings.Contains(said, "staff cannot sign in") {
		t.Error(said)
	}
	without := exec.Command("countersign", "config", "check")
	without.Env = append(os.Environ(), environ...)
	if said, _ := without.CombinedOutput(); !strings.Contains(string(said), "staff cannot sign in") {
		t.Errorf("without it: %s", said)
	}
}

// connectProxy is a proxy that reaches one address, whatever the name; asked are the names.
func connectProxy(t *testing.T, reaches string) (address string, asked func() []string) {
	t.Helper()
	var mutex sync.Mutex // guards names
	var names []string
	proxy := serveHandler(t, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		mutex.Lock()
		names = append(names, request.Method+" "+request.Host)
		mutex.Unlock()
		there, err := net.Dial("tcp", reaches)
		if err != nil || request.Method != http.MethodConnect {
			http.Error(answer, "not reached", http.StatusBadGateway)
			return
		}
		defer there.Close()
		answer.WriteHeader(http.StatusOK)
		here, buffered, err := http.NewResponseController(answer).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		go func() { _, _ = io.Copy(there, buffered) }()
		_, _ = io.Copy(here, there)
	}))
	return proxy.URL, func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return slices.Clone(names)
	}
}

func operationsOfProxy(t *testing.T) []string {
	environ, _ := operationsBehindProxy(t)
	return environ
}

// operationsBehindProxy has a provider that is reached by the proxy only.
func operationsBehindProxy(t *testing.T) (environ []string, asked func() []string) {
	environ, _ = migratedFile(t)
	certFile, address := privateProvider(t, "https://login.example.org", "login.example.org")
	proxy, asked := connectProxy(t, address)
	return append(environ, "PROXY="+proxy, "SSL_CERT_FILE="+certFile, "COUNTERSIGN_OIDC_ISSUER=https://login.example.org"), asked
}

// The provider is asked by way of the proxy.
func TestOutgoingProxyIsUsed(t *testing.T) {
	t.Parallel()
	environ, asked := operationsBehindProxy(t)
	said := runAsCron(t, "An outgoing proxy", environ)
	if strings.Contains(said, "staff cannot sign in") || !slices.Contains(asked(), "CONNECT login.example.org:443") {
		t.Errorf("the proxy is asked for %q:\n%s", asked(), said)
	}
}

// operationsOfKeys is a database with keys, and a folder with its master key.
func operationsOfKeys(t *testing.T) []string {
	environ, _ := migratedFile(t)
	folder := t.TempDir()
	key := filepath.Join(folder, "master.key")
	if err := os.WriteFile(key, []byte(lookup(environ)("COUNTERSIGN_MASTER_KEY")), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(environ, "COUNTERSIGN_MASTER_KEY=", "COUNTERSIGN_MASTER_KEY_FILE="+key, "KEYS="+folder)
}

// After the section both master keys are there, the new one alone opens the keys, and nobody else reads it.
func TestMasterKeyIsChanged(t *testing.T) {
	t.Parallel()
	environ := operationsOfKeys(t)
	said := runAsCron(t, "Keys", environ)
	if got := runWith(t, environ, "", "keys", "list"); got.code != 0 || strings.Contains(got.stderr, "nobody vouches") {
		t.Errorf("%s\n%s", got.stderr, said)
	}
	folder := lookup(environ)("KEYS")
	before, err := filepath.Glob(filepath.Join(folder, "master.key.until-*T*Z")) // a second change on one day keeps both
	if err != nil || len(before) != 1 {
		t.Fatalf("%q, %v\n%s", before, err, said)
	}
	if got := runWith(t, append(environ, "COUNTERSIGN_MASTER_KEY_FILE="+before[0]), "", "keys", "list"); got.code == 0 {
		t.Error("the old master key still opens them")
	}
	if info, err := os.Stat(filepath.Join(folder, "master.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
