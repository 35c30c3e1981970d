package main

import (
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
)

const testMasterKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// serveArgs are the settings that serve cannot do without, and a proxy, without which it warns.
func serveArgs(more ...string) []string {
	return append([]string{
		"serve", "--issuer", "https://id.example.org", "--database", "sqlite:/nowhere/x.db", "--master-key", testMasterKey,
		"--oidc-issuer", "https://login.example.org", "--oidc-client-id", "countersign", "--oidc-client-secret", "s3cr3t-value",
		"--trusted-proxy", "127.0.0.1/32",
	}, more...)
}

func TestServeReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	got := runWith(t, []string{"COUNTERSIGN_LOG_LEVLE=debug", "COUNTERSIGN_LISTEN=here"}, "",
		"serve", "--issuer", "http://id.example.org", "--database", "mysql://root:hunter2@db/x", "--master-key", "aHVudGVyMg==",
		"--oidc-issuer", "https://login.example.org", "--oidc-client-id", "countersign", "--role", "boss=king", "--role", "nothing",
		"--scope", "pro file=x", "--trusted-proxy", "10.0.0.1", "--trusted-proxy", "::ffff:0:0/96", "--jwks-uri-network", "0.0.0.0/0",
		"--poll-interval", "soon", "--pending-window", "8d",
		"--log-level", "loud", "--migrate=perhaps", "--tls-cert", "cert.pem", "--approval-alert", "many")
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
		`--approval-alert (COUNTERSIGN_APPROVAL_ALERT): "many" is not a whole number from 0 to 10000`,
		`--trusted-proxy (COUNTERSIGN_TRUSTED_PROXY): "10.0.0.1" is not a network`,
		`--trusted-proxy (COUNTERSIGN_TRUSTED_PROXY): "::ffff:0:0/96" is nearly every address there is`,
		`--jwks-uri-network (COUNTERSIGN_JWKS_URI_NETWORK): "0.0.0.0/0" is nearly every address there is`,
		`--log-level (COUNTERSIGN_LOG_LEVEL): "loud" is not one of them`,
		"Next: countersign serve --help",
	})
	for _, secret := range []string{"hunter2", "aHVudGVyMg"} {
		if strings.Contains(got.stderr+got.stdout, secret) {
			t.Errorf("%s is shown:\n%s", secret, got.stderr)
		}
	}
}

// docs/protocol.md §6 rogue-operator: how many approvals are usual is said, or thirty; none is none at all.
func TestApprovalAlertSetting(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"30": 30, "1": 1, "0": -1} {
		c := &checks{}
		if got := c.anHour("approval-alert", value); got != want || len(c.problems) > 0 {
			t.Errorf("%s: %d, %v", value, got, c.problems)
		}
	}
	for _, value := range []string{"", "-1", "2.5", "10001"} {
		c := &checks{}
		if c.anHour("approval-alert", value); len(c.problems) != 1 {
			t.Errorf("%q is taken", value)
		}
	}
}

// docs/protocol.md §6 trail-flood: how many events strangers have is said, or left to the level of the limits.
func TestStrangerEventsSetting(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"auto": 0, "40": 40, "0": -1} {
		c := &checks{}
		if got := (&ServeFlags{StrangerEvents: value}).strangerEvents(c); got != want || len(c.problems) > 0 {
			t.Errorf("%s: %d, %v", value, got, c.problems)
		}
	}
	c := &checks{}
	if (&ServeFlags{StrangerEvents: "many"}).strangerEvents(c); len(c.problems) != 1 {
		t.Error("any word is taken")
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
		"https://ID.example.org":        "has capitals. Write it in small letters: https://id.example.org",

		// RFC 8414 §3.3, RFC 9449 §4.3: what clients send back is what a URL type makes of it
		"https://bücher.example":        "Write https://xn--bcher-kva.example.",
		"https://BÜCHER.example:8443":   "Write https://xn--bcher-kva.example:8443.",
		"https://id.example.org:443":    "Write https://id.example.org.",
		"https://id.example.org:":       "Write https://id.example.org.",
		"https://id.example.org:08443":  "Write https://id.example.org:8443.",
		"http://localhost:80":           "Write http://localhost.",
		"http://[0:0:0:0:0:0:0:1]:8080": "Write http://[::1]:8080.",
		"https://id。example.org":        "Write https://id.example.org.",
		"https://id.example.org:0":      "no number from 1 to 65535",
		"https://id.example.org:99999":  "no number from 1 to 65535",
		"https://[fe80::1%25eth0]":      "has a zone",
		"https://10.1":                  "take for a number",
		"https://id.0x7f":               "take for a number",
		"https://id.0X":                 "take for a number",
		"https://[::FFFF:127.0.0.1]":    "Write https://[::ffff:7f00:1].",
		"https://[::ffff:10.0.0.255]":   "Write https://[::ffff:a00:ff].",
		"https://[::ffff:7f00:1]":       "",
		"http://LOCALHOST:8080":         "Write it in small letters: http://localhost:8080",
		"https://id..example.org":       "no domain name",
		"https://xn--.example":          "no domain name",
		"https://id.example.org.":       "",
		"https://id_1.inside":           "",
		"https://xn--bcher-kva.example": "",
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
	for i, want := range []string{"--master-key (COUNTERSIGN_MASTER_KEY): given twice",
		"--database-file (COUNTERSIGN_DATABASE_FILE): cannot be read", "is empty"} {
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

func TestTimesThatContradictEachOther(t *testing.T) {
	t.Parallel()
	got := runWith(t, nil, "", serveArgs("--session-idle", "13h", "--refresh-token-idle", "366d", "--redemption-window", "8d")...)
	requireLines(t, got.stderr, []string{
		"--redemption-window (COUNTERSIGN_REDEMPTION_WINDOW): 8d is out of bounds. Take something from 1 minute to 7 days.",
		"--session-idle (COUNTERSIGN_SESSION_IDLE): 13 hours is longer than --session-lifetime, 12 hours. Shorten it, or lengthen the other.",
		"--refresh-token-idle (COUNTERSIGN_REFRESH_TOKEN_IDLE): 366 days is longer than --refresh-token-lifetime, 365 days",
		"Next: countersign serve --help",
	})
	var c checks
	c.notLonger("access-token-lifetime", time.Hour, "refresh-token-idle", time.Hour)
	c.notLonger("access-token-lifetime", 2*time.Hour, "refresh-token-idle", time.Hour)
	if len(c.problems) != 1 {
		t.Errorf("as long as the other, and longer: %v", c.problems)
	}
}

// Others may read a secret in a container, where its platform puts the file; elsewhere
// that is worth a word, but no reason to stop.
func TestSecretsThatOthersCanRead(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "secret", "one")
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o440: true, 0o444: true, 0o604: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		var c checks
		if got := c.secret("oidc-client-secret", "", file); got != "one" || len(c.problems) > 0 || (len(c.warnings) > 0) != warned {
			t.Errorf("%v: %q, %v, %v", mode, got, c.problems, c.warnings)
		}
	}
	environ := newDatabase(t)
	key := writeFile(t, "master.key", testMasterKey)
	if err := os.Chmod(key, 0o444); err != nil {
		t.Fatal(err)
	}
	for i, entry := range environ {
		if strings.HasPrefix(entry, "COUNTERSIGN_MASTER_KEY=") {
			environ[i] = "COUNTERSIGN_MASTER_KEY_FILE=" + key
		}
	}
	got := runWith(t, environ, "", "counters", "list")
	if got.code != 0 || !strings.HasPrefix(got.stderr,
		"countersign: warning: --master-key-file (COUNTERSIGN_MASTER_KEY_FILE): "+key+" has the mode 0444") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// Flags come before variables, variables before the file, the file before defaults.
func TestOrderOfSources(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "config.json", `{"log-level": "info", "log-format": "json", "poll-interval": "10s", "listed-software-only": true,
		"scope": ["profile=See your name; nothing else", "pay=Pay"], "issuer": "https://file.example.org"}`)
	var got serveSettings
	parse(t, []string{"COUNTERSIGN_CONFIG=" + file, "COUNTERSIGN_LOG_LEVEL=warn", "COUNTERSIGN_POLL_INTERVAL=20s",
		"COUNTERSIGN_ROLE=a=operator,b=supervisor"},
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
		`{"isuer": "x"}`:           `unknown setting "isuer". Did you mean issuer? Otherwise leave it out.`,
		`{"config": "x"}`:          `unknown setting "config". Leave it out.`,
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
	if got := runWith(t, nil, "", serveArgs("--config", "/nowhere.json")...); got.code != exitUsage ||
		!strings.Contains(got.stderr, "cannot be read") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// Document types are read into the rules of the page; what is none is refused by name.
func TestDocumentTypeSetting(t *testing.T) {
	for given, want := range map[string]string{
		"":                             "passport idcard driving_permit residence_permit",
		"passport;idcard:usual+age=16": "passport idcard:photo+handled+number+issuer+expiry+endless+age=16",
		"organisation_card:photo":      "organisation_card:photo",
	} {
		var c checks
		flags := ServeFlags{}
		if given != "" {
			flags.DocumentType = strings.Split(given, ";")
		}
		if got := flags.documents(&c).String(); got != want || len(c.problems) > 0 {
			t.Errorf("%q: %s, %v", given, got, c.problems)
		}
	}
	got := runWith(t, nil, "", serveArgs("--document-type", "library_card")...)
	if got.code != exitUsage {
		t.Errorf("exit code %d, want %d", got.code, exitUsage)
	}
	requireLines(t, got.stderr,
		[]string{`--document-type (COUNTERSIGN_DOCUMENT_TYPE): no document type "library_card"`, "Next: countersign serve --help"})
}

// A value of the roles claim may have signs that separate elsewhere, as names in a directory
// do: the last = splits. What could be read in two ways is refused, and an object in the file
// of settings says it in one.
func TestRolesSetting(t *testing.T) {
	t.Parallel()
	const group = "CN=Counter,OU=Groups,DC=x"
	for given, want := range map[string]map[string]models.Role{
		group + "=operator":                           {group: models.Operator},
		group + "=operator;leads=supervisor":          {group: models.Operator, "leads": models.Supervisor},
		"Counter Staff=operator":                      {"Counter Staff": models.Operator},
		"front-desk=operator,leads=supervisor":        {"front-desk": models.Operator, "leads": models.Supervisor},
		"front-desk = operator , leads=administrator": {"front-desk": models.Operator, "leads": models.Administrator},
	} {
		var settings serveSettings
		parse(t, []string{"COUNTERSIGN_ROLE=" + given}, &settings, serveArgs()...)
		if !maps.Equal(settings.staff.Roles, want) {
			t.Errorf("%q: %v", given, settings.staff.Roles)
		}
	}
	var settings serveSettings
	file := writeFile(t, "config.json", `{"role": {"OU=operator,DC=x": "supervisor", "a;b": "operator"}}`)
	parse(t, nil, &settings, serveArgs("--config", file)...)
	if want := map[string]models.Role{"OU=operator,DC=x": models.Supervisor, "a;b": models.Operator}; !maps.Equal(settings.staff.Roles, want) {
		t.Errorf("by an object: %v", settings.staff.Roles)
	}
	for given, wrong := range map[string]string{
		"OU=operator,DC=x=supervisor": "may be one role or several", "=operator": "has not the form", "x=": "has not the form",
		"x=operator;x=supervisor": "means two roles", "x=king": "is no role",
	} {
		got := runWith(t, nil, "", serveArgs("--role", given)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, "--role (COUNTERSIGN_ROLE)") || !strings.Contains(got.stderr, wrong) {
			t.Errorf("%q: exit code %d, %q", given, got.code, got.stderr)
		}
	}
	wrongObject := writeFile(t, "wrong.json", `{"role": {"x": 1}}`)
	got := runWith(t, nil, "", serveArgs("--config", wrongObject)...)
	if got.code != exitUsage || !strings.Contains(got.stderr, "takes no such object") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// A network of IPv4 addresses may be written as IPv6, as tools do that listen on both: it is the same network.
func TestNetworksOfIPv4InIPv6(t *testing.T) {
	t.Parallel()
	c := &checks{}
	networks := c.networks("trusted-proxy", []string{"::ffff:10.0.0.0/104", "::ffff:192.0.2.7/128", "2001:db8::/32"})
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")}
	if !slices.Equal(networks, want) || len(c.problems) > 0 {
		t.Errorf("%v, %v", networks, c.problems)
	}
}
