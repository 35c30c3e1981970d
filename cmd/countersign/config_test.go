package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
)

const testMasterKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// serveArgs are the settings that serve cannot do without.
func serveArgs(more ...string) []string {
	return append([]string{
		"serve", "--issuer", "https://id.example.org", "--database", "sqlite:/nowhere/x.db", "--master-key", testMasterKey,
		"--oidc-issuer", "https://login.example.org", "--oidc-client-id", "countersign", "--oidc-client-secret", "s3cr3t-value",
	}, more...)
}

func TestServeReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	got := runWith(t, []string{"COUNTERSIGN_LOG_LEVLE=debug", "COUNTERSIGN_LISTEN=here"}, "",
		"serve", "--issuer", "http://id.example.org", "--database", "mysql://root:hunter2@db/x", "--master-key", "aHVudGVyMg==",
		"--oidc-issuer", "https://login.example.org", "--oidc-client-id", "countersign", "--role", "boss=king", "--role", "nothing",
		"--scope", "pro file=x", "--trusted-proxy", "10.0.0.1", "--poll-interval", "soon", "--pending-window", "8d",
		"--log-level", "loud", "--migrate=perhaps", "--tls-cert", "cert.pem")
	if got.code != exitUsage {
		t.Errorf("exit code %d, want %d", got.code, exitUsage)
	}
	requireLines(t, got.stderr, []string{
		"COUNTERSIGN_LOG_LEVLE: unknown variable. Did you mean COUNTERSIGN_LOG_LEVEL?",
		"--database (COUNTERSIGN_DATABASE): it names no kind of database",
		`--issuer (COUNTERSIGN_ISSUER): "http://id.example.org" is not https`,
		"--master-key (COUNTERSIGN_MASTER_KEY): it has 7 bytes, not 32",
		`--listen (COUNTERSIGN_LISTEN): "here" is not an address and a port`,
		"--tls-cert (COUNTERSIGN_TLS_CERT): certificate and key belong together",
		`--migrate (COUNTERSIGN_MIGRATE): "perhaps" is neither yes nor no`,
		`--role (COUNTERSIGN_ROLE): "king" is no role`,
		`--role (COUNTERSIGN_ROLE): "nothing" has not the form`,
		"--oidc-client-secret (COUNTERSIGN_OIDC_CLIENT_SECRET): missing",
		`--scope (COUNTERSIGN_SCOPE): "pro file" cannot be the name of a scope`,
		"--pending-window (COUNTERSIGN_PENDING_WINDOW): 8d is out of bounds. Take something from 1 minute to 7 days",
		`--poll-interval (COUNTERSIGN_POLL_INTERVAL): "soon" is not a length of time`,
		`--trusted-proxy (COUNTERSIGN_TRUSTED_PROXY): "10.0.0.1" is not a network`,
		`--log-level (COUNTERSIGN_LOG_LEVEL): "loud" is not one of them`,
	})
	for _, secret := range []string{"hunter2", "aHVudGVyMg"} {
		if strings.Contains(got.stderr+got.stdout, secret) {
			t.Errorf("%s is shown:\n%s", secret, got.stderr)
		}
	}
}

func TestIssuer(t *testing.T) {
	t.Parallel()
	for issuer, wrong := range map[string]string{
		"https://id.example.org":      "",
		"https://id.example.org:8443": "",
		"http://localhost:8080":       "",
		"http://127.0.0.9":            "",
		"http://[::1]:8080":           "",

		"":                              "missing",
		"id.example.org":                "not an absolute address",
		"https://":                      "not an absolute address",
		"http://id.example.org":         "not https",
		"http://127.0.0.1.example.org":  "not https",
		"http://10.0.0.1":               "not https",
		"ftp://localhost":               "not https",
		"https://id.example.org/":       "path or ends in a slash",
		"https://id.example.org/x":      "path or ends in a slash",
		"https://id.example.org?x=1":    "a user, a query or a fragment",
		"https://id.example.org?":       "a user, a query or a fragment",
		"https://id.example.org#x":      "a user, a query or a fragment",
		"https://id.example.org#":       "a user, a query or a fragment",
		"https://me:you@id.example.org": "a user, a query or a fragment",
		"https://ID.example.org":        "has capitals",
	} {
		var c checks
		c.issuer(issuer)
		switch {
		case wrong == "" && len(c.problems) > 0:
			t.Errorf("%q is refused: %v", issuer, c.problems)
		case wrong != "" && (len(c.problems) != 1 || !strings.Contains(c.problems[0].String(), wrong)):
			t.Errorf("%q: got %v, want %q", issuer, c.problems, wrong)
		}
	}
}

func TestUnknownVariablesStopEveryCommand(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"version", "demo", "phone", "keys generate-master"} {
		got := runWith(t, []string{"COUNTERSIGN_DATABSE=x", "HOME=/root"}, "", strings.Fields(command)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, "COUNTERSIGN_DATABSE: unknown variable. Did you mean COUNTERSIGN_DATABASE?") {
			t.Errorf("%s: exit code %d, %q", command, got.code, got.stderr)
		}
		if got.stdout != "" {
			t.Errorf("%s did something: %q", command, got.stdout)
		}
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "secret", "one two\r\n")
	var c checks
	if got := c.secret("master-key", "", file); got != "one two" || len(c.problems) > 0 {
		t.Errorf("got %q, %v; the newline at the end does not belong to the secret", got, c.problems)
	}
	if got := c.secret("master-key", "value", ""); got != "value" || len(c.problems) > 0 {
		t.Errorf("got %q, %v", got, c.problems)
	}
	c.secret("master-key", "value", file)
	c.secret("database", "", file+"-not-there")
	c.secret("oidc-client-secret", "", writeFile(t, "empty", "\n"))
	for i, want := range []string{"--master-key (COUNTERSIGN_MASTER_KEY): given twice", "--database-file (COUNTERSIGN_DATABASE_FILE): cannot be read", "is empty"} {
		if i >= len(c.problems) || !strings.Contains(c.problems[i].String(), want) {
			t.Errorf("got %v, want %q", c.problems, want)
		}
	}
	got := runWith(t, []string{"COUNTERSIGN_OIDC_CLIENT_SECRET_FILE=" + file}, "", serveArgs()...)
	if got.code != exitUsage || !strings.Contains(got.stderr, "given twice") || strings.Contains(got.stderr, "s3cr3t") {
		t.Errorf("a flag and the variable of its file: exit code %d, %q", got.code, got.stderr)
	}
}

func TestMasterKey(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"/////////////////////////////////////////_8=",
		"_____-____________________________________8",
	} {
		if key, err := readMasterKey(text); err != nil || len(key) != masterKeySize {
			t.Errorf("%q: %d bytes, %v", text, len(key), err)
		}
	}
	for _, text := range []string{"", "AAEC", "not base64 at all, whatever it is, but long", strings.Repeat("A", 64)} {
		if _, err := readMasterKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Flags come before variables, variables before the file, the file before defaults.
func TestOrderOfSources(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "config.json", `{"log-level": "info", "log-format": "json", "poll-interval": "10s", "listed-software-only": true,
		"scope": ["profile=See your name; nothing else", "pay=Pay"], "issuer": "https://file.example.org"}`)
	var got serveSettings
	parse(t, []string{"COUNTERSIGN_CONFIG=" + file, "COUNTERSIGN_LOG_LEVEL=warn", "COUNTERSIGN_POLL_INTERVAL=20s", "COUNTERSIGN_ROLE=a=operator,b=supervisor"},
		&got, serveArgs("--log-level", "error")...)
	if got.logLevel.String() != "ERROR" || got.policy.Interval != 20*time.Second || got.logFormat != "json" {
		t.Errorf("log level %s, interval %s, log format %s", got.logLevel, got.policy.Interval, got.logFormat)
	}
	if !got.policy.ListedSoftwareOnly || got.store.issuer != "https://id.example.org" || got.policy.PendingWindow != 7*day {
		t.Errorf("listed %t, issuer %s, window %s", got.policy.ListedSoftwareOnly, got.store.issuer, got.policy.PendingWindow)
	}
	if len(got.scopes) != 2 || got.scopes[0].Words != "See your name; nothing else" {
		t.Errorf("scopes %v", got.scopes)
	}
	if len(got.staff.Roles) != 2 || got.staff.Roles["b"] != models.Supervisor {
		t.Errorf("roles %v", got.staff.Roles)
	}
	if !slices.Equal(got.staff.AccountClaims, []string{"email", "preferred_username", "phone_number"}) {
		t.Errorf("account claims %v", got.staff.AccountClaims)
	}
}

func TestConfigFileIsChecked(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`{"isuer": "x"}`:           `unknown setting "isuer". Did you mean issuer?`,
		`{"config": "x"}`:          `unknown setting "config"`,
		`{"listen": ["a", "b"]}`:   `"listen" takes no such list`,
		`{"role": [1]}`:            `"role" takes no such list`,
		`{"listen": {"port": 80}}`: "neither a string nor a list",
		`{"listen": null}`:         "neither a string nor a list",
		`["listen"]`:               "not a JSON object",
		`{"listen": ":80"} {}`:     "goes on after the JSON object",
	} {
		got := runWith(t, nil, "", serveArgs("--config", writeFile(t, "config.json", content))...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit code %d, %q; want %q", content, got.code, got.stderr, want)
		}
	}
	if got := runWith(t, nil, "", serveArgs("--config", "/nowhere.json")...); got.code != exitUsage || !strings.Contains(got.stderr, "cannot be read") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

func TestHelpNamesTheVariables(t *testing.T) {
	t.Parallel()
	got := runWith(t, nil, "", "serve", "--help")
	for _, want := range []string{"$COUNTERSIGN_ISSUER", "$COUNTERSIGN_MASTER_KEY_FILE", "$COUNTERSIGN_DATABASE_FILE", "$COUNTERSIGN_OIDC_CLIENT_SECRET_FILE"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the help lacks %s", want)
		}
	}
	if got.code != 0 {
		t.Errorf("exit code %d", got.code)
	}
	if got := runWith(t, nil, "", "phone", "--help"); !strings.Contains(got.stdout, "$COUNTERSIGN_PHONE_LOGIN_HINT") && !strings.Contains(got.stdout, "connect") {
		t.Errorf("phone --help: %s", got.stdout)
	}
}
