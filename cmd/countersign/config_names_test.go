package main

import (
	"strings"
	"testing"
)

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

// A flag that the command does not have is one problem among the others.
func TestUnknownFlagsAreReportedWithEverythingElse(t *testing.T) {
	t.Parallel()
	got := runWith(t, nil, "", serveArgs("--pol-interval", "soon", "--log-level", "loud", "--zebra=1", "--poll-interval", "later")...)
	requireLines(t, got.stderr, []string{
		"countersign: --pol-interval: unknown flag. Did you mean --poll-interval? Otherwise leave it out.",
		"countersign: --zebra: unknown flag. Leave it out.",
		`--poll-interval (COUNTERSIGN_POLL_INTERVAL): "later" is not a length of time`,
		`--log-level (COUNTERSIGN_LOG_LEVEL): "loud" is not one of them`,
		"Next: countersign serve --help",
	})
	if got.code != exitUsage {
		t.Errorf("exit code %d", got.code)
	}
	file := writeFile(t, "accounts.csv", "")
	for _, args := range [][]string{
		{"accounts", "import", "--zebra", file}, {"accounts", "import", "--zebra", "1", file}, {"accounts", "import", file, "--zebra", "1"},
	} {
		got := runWith(t, nil, "", args...)
		if got.code != exitUsage || !strings.Contains(got.stderr, "--zebra: unknown flag") ||
			!strings.Contains(got.stderr, "--issuer (COUNTERSIGN_ISSUER): missing") ||
			!strings.Contains(got.stderr, "Next: countersign accounts import --help") {
			t.Errorf("%v: exit code %d, %q", args, got.code, got.stderr)
		}
	}
}

// What is missing and what is wrong come together, for every command.
func TestMissingAndWrongTogether(t *testing.T) {
	t.Parallel()
	store := []string{"--issuer", "https://id.example.org", "--database", "sqlite:/nowhere/x.db", "--master-key", testMasterKey}
	got := runWith(t, nil, "", append(store, "counters", "add", "--name", "X", "--time-zone", "Mars/Base")...)
	if got.code != exitUsage || !strings.Contains(got.stderr, "unknown flag") {
		t.Errorf("flags before their command: exit code %d, %q", got.code, got.stderr)
	}
	got = runWith(t, nil, "", append([]string{"counters", "add", "--name", "X", "--time-zone", "Mars/Base"}, store...)...)
	requireLines(t, got.stderr, []string{
		"--address (COUNTERSIGN_COUNTER_ADDRESS): missing",
		"--hours (COUNTERSIGN_COUNTER_HOURS): missing",
		`--time-zone (COUNTERSIGN_COUNTER_TIME_ZONE): "Mars/Base" is not a time zone. Give a name such as Europe/Lisbon.`,
		"Next: countersign counters add --help",
	})
	got = runWith(t, nil, "", append([]string{"publishers", "add", "--name", "X"}, store...)...)
	requireLines(t, got.stderr, []string{
		"--publisher (COUNTERSIGN_PUBLISHER): missing", "--software-id (COUNTERSIGN_PUBLISHER_SOFTWARE_ID): missing",
		"Next: countersign publishers add --help",
	})
	if got.code != exitUsage {
		t.Errorf("exit code %d", got.code)
	}
	got = runWith(t, nil, "", "audit", "verify", "--keys", "/nowhere.json")
	if !strings.Contains(got.stderr, "--keys (COUNTERSIGN_AUDIT_KEYS): cannot be read") {
		t.Error(got.stderr)
	}
}

// A suggestion is made only where somebody may have meant it.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"isuer": "Did you mean issuer? Otherwise unset it", "listten": "Did you mean listen? Otherwise unset it", "colour": "Unset it",
		"": "Unset it",
	} {
		if got := suggestion(typed, []string{"issuer", "listen"}, "unset it"); got != want {
			t.Errorf("%q: %q", typed, got)
		}
	}
	got := runWith(t, []string{"COUNTERSIGN_FAVOURITE_COLOUR=blue"}, "", "version")
	requireLines(t, got.stderr, []string{"countersign: COUNTERSIGN_FAVOURITE_COLOUR: unknown variable. Unset it."})
}

func TestHelpNamesTheVariables(t *testing.T) {
	t.Parallel()
	got := runWith(t, nil, "", "serve", "--help")
	for _, want := range []string{"$COUNTERSIGN_ISSUER", "$COUNTERSIGN_MASTER_KEY_FILE", "$COUNTERSIGN_DATABASE_FILE",
		"$COUNTERSIGN_OIDC_CLIENT_SECRET_FILE"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the help lacks %s", want)
		}
	}
	if got.code != 0 {
		t.Errorf("exit code %d", got.code)
	}
	if got := runWith(t, nil, "", "phone", "--help"); !strings.Contains(got.stdout, "$COUNTERSIGN_PHONE_LOGIN_HINT") &&
		!strings.Contains(got.stdout, "connect") {
		t.Errorf("phone --help: %s", got.stdout)
	}
}
