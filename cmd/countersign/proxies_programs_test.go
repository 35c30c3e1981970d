package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// proxySettings are those of a file below docs/proxies, at other addresses and with another certificate. Each text that
// stands for one of these must be there.
func proxySettings(t *testing.T, name string, others ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "proxies", name))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(others); i += 2 {
		if !strings.Contains(string(text), others[i]) {
			t.Fatalf("docs/proxies/%s has no %q", name, others[i])
		}
	}
	return strings.NewReplacer(others...).Replace(string(text))
}

func startNginxProxy(t *testing.T, p proxied) {
	t.Helper()
	nobody(t, p.folder) // where its log is
	startNginx(t, proxySettings(t, "nginx.conf",
		"listen 80;", "listen "+p.inClear+";", "listen [::]:80;", "", "/var/log/nginx/countersign.log", p.log(),
		"listen 443 ssl", "listen "+p.address+" ssl", "listen [::]:443 ssl http2;", "", "127.0.0.1:8080", p.backend,
		"/etc/letsencrypt/live/id.example.org/fullchain.pem", filepath.Join(p.folder, "cert.pem"),
		"/etc/letsencrypt/live/id.example.org/privkey.pem", filepath.Join(p.folder, "key.pem")))
}

func startHAProxy(t *testing.T, p proxied) {
	t.Helper()
	program := neededProgram(t, "haproxy", "haproxy")
	const debian = "defaults\n\tlog stdout format raw local0\n\toption httplog\n" // to syslog there
	startProxy(t, p, "haproxy.cfg", debian+proxySettings(t, "haproxy.cfg",
		":443,:::443 v6only", p.address, "/etc/haproxy/id.example.org.pem", filepath.Join(p.folder, "whole.pem"),
		"127.0.0.1:8080", p.backend), program, "-db", "-f")
}

func startCaddy(t *testing.T, p proxied) {
	t.Helper()
	program := neededProgram(t, "caddy", "caddy")
	_, port, _ := net.SplitHostPort(p.address)
	own := "https://127.0.0.1:" + port + " {\n\tbind 127.0.0.1\n\ttls " + filepath.Join(p.folder, "cert.pem") + " " +
		filepath.Join(p.folder, "key.pem")
	startProxy(t, p, "Caddyfile", "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"+
		proxySettings(t, "Caddyfile", "id.example.org {", own, "127.0.0.1:8080", p.backend),
		program, "run", "--adapter", "caddyfile", "--config")
}

// startProxy runs a program with settings in a file, whose name is its last argument, until the test ends. What it writes
// to its standard output is its log. It is not root.
func startProxy(t *testing.T, p proxied, name, settings, program string, args ...string) {
	t.Helper()
	file := filepath.Join(p.folder, name)
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil { //nolint:gosec // another user reads it
		t.Fatal(err)
	}
	log, err := os.Create(p.log())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	proxy := exec.CommandContext(t.Context(), program, append(args, file)...)
	proxy.Stdout, proxy.Stderr, proxy.SysProcAttr = log, t.Output(), nobody(t, p.folder)
	proxy.Env = []string{"HOME=" + p.folder, "XDG_DATA_HOME=" + p.folder, "XDG_CONFIG_HOME=" + p.folder}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Wait() }) // killed with the test's context
}

// neededProgram finds a program in the path or where Debian puts it. A test without it is skipped, or fails where nothing
// may be skipped.
func neededProgram(t *testing.T, name, debian string) string {
	t.Helper()
	for _, place := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(place); err == nil {
			return found
		}
	}
	missing := "the program " + name + " is missing (Debian package " + debian + ")"
	if os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
