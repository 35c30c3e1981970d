package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// config check says in one run what serve would refuse, of the settings and of what they name, and starts nothing.
func TestConfigCheckSaysEverything(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	got := runWith(t, environ, "", "config", "check", "--log-level", "loud", "--listen", "192.0.2.1:80",
		"--smtp-address", "127.0.0.1:1", "--smtp-from", "no-reply@example.org", "--smtp-security", "none")
	requireLines(t, got.stderr, []string{
		"warning: --smtp-address (COUNTERSIGN_SMTP_ADDRESS): no mail can be sent now: dial tcp 127.0.0.1:1: connect: connection refused. See that",
		`--log-level (COUNTERSIGN_LOG_LEVEL): "loud" is not one of them. Take one of debug, info, warn, error.`,
		"--listen (COUNTERSIGN_LISTEN): cannot listen: listen tcp 192.0.2.1:80: bind: cannot assign requested address. Give an address",
		"--database (COUNTERSIGN_DATABASE): there is no database ",
		"Next: countersign config check --help",
	})
	if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, "or make it with: countersign migrate up.") {
		t.Errorf("exit code %d, %q\n%s", got.code, got.stdout, got.stderr)
	}
	if _, err := os.Stat(strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")); err == nil {
		t.Error("the database was made")
	}
}

// What serve starts with is in order for config check, also while the server runs; a provider that does not answer is a warning.
func TestConfigCheckOfWhatStarts(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	file := strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")
	got := runWith(t, environ, "", "config", "check", "--migrate")
	if left, err := os.ReadDir(filepath.Dir(file)); got.code != 0 || got.stderr != "" || err != nil || len(left) > 0 {
		t.Errorf("before the database is there, which serve makes: exit code %d, %q, %v, %v", got.code, got.stderr, left, err)
	}
	for folder, wrong := range map[string]string{
		"/proc/self": "no file can be made there", filepath.Join(filepath.Dir(file), "none"): "none does not exist. Make it first",
	} {
		got := runWith(t, environ, "", "config", "check", "--migrate", "--database", "sqlite:"+filepath.Join(folder, "x.db"))
		if got.code != exitUsage || !strings.Contains(capital(got.stderr), wrong) {
			t.Errorf("in %s: exit code %d, %q", folder, got.code, got.stderr)
		}
	}
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	if got := runWith(t, environ, "", "config", "check"); got.code != 0 || got.stderr != "" {
		t.Errorf("a new database: exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, environ, "", "keys", "list"); strings.Contains(got.stdout, "access-token") {
		t.Errorf("keys were made: %q", got.stdout)
	}
	server := start(t, environ, "serve")
	waitForAnswer(t, "http://"+address+"/readyz")
	got = runWith(t, environ, "", "config", "check")
	if got.code != 0 || got.stdout != "serve would start with these settings\n" {
		t.Errorf("while it runs: exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	requireLines(t, got.stderr, []string{
		"warning: --listen (COUNTERSIGN_LISTEN): a server of this program listens at " + address + ". Let it end before",
		"warning: --oidc-issuer (COUNTERSIGN_OIDC_ISSUER): staff cannot sign in: metadata: the organisation's provider does not answer: ",
	})
	server.stop()
	other := append(environ, "COUNTERSIGN_MASTER_KEY="+strings.Repeat("A", 43), "COUNTERSIGN_CHECKPOINT_FILE=/nowhere/x")
	got = runWith(t, other, "", "config", "check")
	requireLines(t, got.stderr, []string{
		"--checkpoint-file (COUNTERSIGN_CHECKPOINT_FILE): the log's last checkpoint cannot be kept: open /nowhere/",
		"--master-key (COUNTERSIGN_MASTER_KEY): server keys: ", "Next: countersign config check --help",
	})
	if got.code != exitUsage || !strings.Contains(got.stderr, ". Give the master key that this database was started with") {
		t.Errorf("another key: exit code %d, %q", got.code, got.stderr)
	}
}

// config show names each flag of serve with its value and where it comes from, and no secret, wherever that stands.
func TestConfigShow(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "settings.json", `{"poll-interval": "20s", "smtp-password": "pass-in-file", "scope": ["a=A; or so", "b=B"]}`)
	got := runWith(t, []string{
		"COUNTERSIGN_CONFIG=" + file, "COUNTERSIGN_LOG_LEVEL=loud", "COUNTERSIGN_NOTICE_WEBHOOK=https://x.example/hook?token=tok-in-url",
		"COUNTERSIGN_NOTICE_WEBHOOK_SECRET=secret-of-webhook", "COUNTERSIGN_ALERT_WEBHOOK=no-address-at-all",
		"COUNTERSIGN_DATABASE=postgres://user:pass-in-url@db.example/x",
	}, "", "config", "show", "--listen", ":80", "--master-key", testMasterKey, "--oidc-client-secret", "secret-of-client")
	lines := map[string]string{}
	for line := range strings.Lines(got.stdout) {
		fields := strings.Fields(line)
		lines[fields[0]] = strings.Join(fields[1:], " ")
	}
	for flag, want := range map[string]string{
		"--listen": ":80 command line", "--log-level": "loud variable COUNTERSIGN_LOG_LEVEL", "--poll-interval": "20s file " + file,
		"--scope": "a=A; or so; b=B file " + file, "--claim-length": "15m default", "--issuer": "(none) default",
		"--master-key": "(hidden) command line", "--oidc-client-secret": "(hidden) command line", "--smtp-password": "(hidden) file " + file,
		"--notice-webhook":        "https://x.example/… (hidden) variable COUNTERSIGN_NOTICE_WEBHOOK",
		"--notice-webhook-secret": "(hidden) variable COUNTERSIGN_NOTICE_WEBHOOK_SECRET",
		"--alert-webhook":         "(hidden) variable COUNTERSIGN_ALERT_WEBHOOK", "--alert-webhook-secret": "(none) default",
		"--database": "(hidden) variable COUNTERSIGN_DATABASE", "--config": file + " variable COUNTERSIGN_CONFIG",
		"--oidc-scopes": "openid; profile; email default", "--phone-page": "true default", "--checkpoint-file": "(none) default",
	} {
		if lines[flag] != want {
			t.Errorf("%s: %q, want %q", flag, lines[flag], want)
		}
	}
	for _, secret := range []string{testMasterKey, "secret-of", "pass-in", "tok-in", "no-address"} {
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if flags := len(serveFlags(t)); got.code != 0 || len(lines) != flags {
		t.Errorf("exit code %d, %d lines for %d flags: %s", got.code, len(lines), flags, got.stderr)
	}
}

// config show prints the settings also where a name is unknown, or the file is broken: then one looks at what is there.
func TestConfigShowOfWrongSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		wants   string
	}{
		"an unknown variable": {[]string{"COUNTERSIGN_LISTN=:1"}, "COUNTERSIGN_LISTN: unknown variable"},
		"a broken file":       {[]string{"COUNTERSIGN_CONFIG=" + writeFile(t, "settings.json", `{"listen": `)}, "is not a JSON object"},
		"no file":             {[]string{"COUNTERSIGN_CONFIG=" + t.TempDir() + "/none.json"}, "--config (COUNTERSIGN_CONFIG): cannot be read"},
	} {
		got := runWith(t, c.environ, "", "config", "show", "--log-level", "loud")
		if got.code != exitUsage || !strings.Contains(got.stderr, c.wants) || strings.Count(got.stdout, "\n") != len(serveFlags(t)) ||
			!strings.Contains(got.stdout, "loud") {
			t.Errorf("%s: exit code %d, %q, %q", name, got.code, got.stderr, got.stdout)
		}
	}
}

// A mail server that does not let us in is warned of at the start, which goes on.
func TestStartWarnsOfMail(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := silent.Addr().String()
	silent.Close()
	log := &textBuffer{}
	environ = append(environ, "COUNTERSIGN_SMTP_ADDRESS="+host, "COUNTERSIGN_SMTP_FROM=no-reply@example.org", "COUNTERSIGN_SMTP_SECURITY=none")
	p := &production{listen: address, store: environ, log: log, folder: filepath.Dir(address)}
	p.serve(t, productionConfig{flags: []string{"--migrate"}})
	if !until(func() bool { return strings.Contains(log.String(), "no mail can be sent now: notices wait") }) {
		t.Errorf("the log says %s", log)
	}
	waitForAnswer(t, "http://"+address+"/readyz")
}
