package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/notices"
	"countersign/models"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

func TestDemoListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:8080", ":8080", "[::]:0", "192.0.2.1:80", "example.org:80", "127.0.0.1.example.org:0"} {
		got := runWith(t, nil, "", "demo", "--listen", address)
		if got.code != exitUsage || !strings.Contains(got.stderr, "can be reached from elsewhere") {
			t.Errorf("%s: exit code %d, %q", address, got.code, got.stderr)
		}
		if got := runWith(t, []string{"COUNTERSIGN_LISTEN=" + address}, "", "demo", "--once"); got.code != exitUsage {
			t.Errorf("%s as a variable: exit code %d", address, got.code)
		}
	}
}

// One visit, and another one on the same data; neither says a code or a token.
func TestDemoOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for range 2 {
		got := runWith(t, nil, "", "demo", "--once", "--data", folder)
		if got.code != 0 || got.stderr != "" {
			t.Fatalf("exit code %d, %q\n%s", got.code, got.stderr, got.stdout)
		}
		if steps := regexp.MustCompile(`(?m)^ *\d+ +\d+ ms  `).FindAllString(got.stdout, -1); len(steps) != 13 {
			t.Errorf("%d steps:\n%s", len(steps), got.stdout)
		}
		if code := regexp.MustCompile(`\b[B-DF-HJ-NP-TV-XZ]{4}-?[B-DF-HJ-NP-TV-XZ]{4}\b|\beyJ`).FindString(got.stdout); code != "" {
			t.Errorf("a code or token is shown:\n%s", got.stdout)
		}
	}
	var names []string
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		names = append(names, file.Name())
		if info, err := file.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s, %v", file.Name(), info.Mode(), err)
		}
	}
	if want := []string{"address", "countersign.db", "master.key"}; !slices.Equal(names, want) {
		t.Errorf("the folder holds %v, want %v", names, want)
	}
}

func TestDemoOnceSaysWhichStepFailed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if got := runWith(t, nil, "", "demo", "--once", "--data", folder); got.code != 0 {
		t.Fatal(got.stderr)
	}
	address, err := os.ReadFile(filepath.Join(folder, demoAddressFile))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(folder, demoMasterKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"COUNTERSIGN_DATABASE=sqlite:" + filepath.Join(folder, demoDatabaseFile), "COUNTERSIGN_ISSUER=http://" +
			strings.TrimSpace(string(address)),
		"COUNTERSIGN_MASTER_KEY=" + strings.TrimSpace(string(key)),
	}
	suspended := accountsHeader + demoHint + ",Anna Lindqvist,1984-03-09,,suspended\n"
	if got := runWith(t, environ, suspended, "accounts", "import", "-"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	got := runWith(t, nil, "", "demo", "--once", "--data", folder)
	if got.code != exitFailed || !strings.Contains(got.stdout, "FAILED: operator ") || !strings.Contains(got.stderr, "suspended") {
		t.Errorf("exit code %d, %q\n%s", got.code, got.stderr, got.stdout)
	}
}

func TestDemoServesUntilStopped(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "address")
	running := start(t, nil, "demo", "--listen", "127.0.0.1:0", "--address-file", file)
	address := waitForFile(t, file)
	response, err := http.Get(address + "/device")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("/device answered %s", response.Status)
	}
	got := running.stop()
	if got.code != 0 || !strings.Contains(got.stdout, "phone --issuer "+address) || !strings.Contains(got.stdout, "ended") {
		t.Errorf("exit code %d, %q\n%s", got.code, got.stderr, got.stdout)
	}
	state := regexp.MustCompile(`--state (\S+)/phone\.json`).FindStringSubmatch(got.stdout)
	if state == nil {
		t.Fatalf("no folder for the phone is named:\n%s", got.stdout)
	}
	if _, err := os.Stat(state[1]); !os.IsNotExist(err) {
		t.Errorf("the temporary folder %s is still there: %v", state[1], err)
	}
}

func waitForFile(t *testing.T, path string) string {
	t.Helper()
	var text []byte
	if !until(func() (there bool) {
		var err error
		text, err = os.ReadFile(path)
		return err == nil
	}) {
		t.Fatalf("%s was not written", path)
	}
	return strings.TrimSpace(string(text))
}

// What the terminal shows is copied as it stands there, and read at the counter. The page of a
// phone comes first, and the notice is printed whole.
func TestDemoTellsHowToBegin(t *testing.T) {
	t.Parallel()
	demo := startBrowserDemo(t)
	var screen strings.Builder
	if err := demo.explain(&screen, ""); err != nil {
		t.Fatal(err)
	}
	told := screen.String()
	phone, console := strings.Index(told, demo.issuer+views.PathPhone), strings.Index(told, demo.issuer+views.PathCounter)
	if phone < 0 || console < phone || !strings.Contains(told, demo.issuer+views.PathPractice) {
		t.Errorf("the phone's page stands at %d, the console at %d:\n%s", phone, console, told)
	}
	card := regexp.MustCompile(`(?m)^ +P<UTO.*\n.*$`).FindString(told)
	code := codeOf(demo.phone(harbourPocket, deviceclient.Request{LoginHint: demoHint, Scope: "profile"}))
	operator := demo.operatorAt(demoOperator, demoCounter)
	if err := errors.Join(operator.Search(t.Context(), demoHint), operator.Match(t.Context(), code)); err != nil {
		t.Fatal(err)
	}
	form := operator.formWithField("scan")
	if err := errors.Join(form.Fill("scan", card), operator.Submit(t.Context(), form)); err != nil {
		t.Fatal(err)
	}
	if facts := operator.Facts(); facts["Issuing country"] == "" || operator.formWithField("read") == nil {
		t.Errorf("the specimen %q is not read: %v, %s", card, facts, operator.Problems())
	}
}

func TestDemoPrintsNoticesWhole(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	mail := demoMail{&screen}
	text := "On 4 May an app asked.\n\nIf it was not you, open this link and confirm.\n\nhttps://id.example.org/not-me/x\n"
	if err := mail.Send(t.Context(), notices.Message{Contact: "anna@example.org", Subject: "A device asks", Text: text}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"To: anna@example.org\n", "Subject: A device asks\n", "\n\n" + text} {
		if !strings.Contains(screen.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, screen.String())
		}
	}
}

// Whoever tries the demonstration reads scopes in each language that there is, and whether a counter is open.
func TestDemoSpeaksEveryLanguage(t *testing.T) {
	catalogue, err := views.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range catalogue.Languages()[1:] { // after English, which is for everybody
		for _, scope := range demoScopes() {
			if scope.Languages[l.Tag] == "" {
				t.Errorf("%s has no words in %s", scope.Name, l.Name)
			}
		}
	}
	for _, counter := range demoCounters() {
		if _, data := (models.Counter{Hours: counter.Hours}).OpeningHours(); !data {
			t.Errorf("%s: %q is words", counter.Name, counter.Hours)
		}
	}
}
