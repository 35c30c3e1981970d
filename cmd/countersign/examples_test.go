package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// The examples for Compose and Kubernetes start nothing here. What can be said of them without: they are YAML, name only commands,
// flags and variables that the program has, and settings that it takes.

// example is a YAML document, its maps and lists as they come.
type example struct{ any }

// examplesOf reads all documents of a file below docs.
func examplesOf(t *testing.T, name string) (all []example) {
	t.Helper()
	documents := yaml.NewDecoder(strings.NewReader(contentOf(t, filepath.Join("..", "..", "docs", filepath.FromSlash(name)))))
	for {
		var one any
		err := documents.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, example{one})
	}
}

// at goes down by names, with dots between, and numbers of list items; what is not there is nil.
func (e example) at(path string) example {
	for part := range strings.SplitSeq(path, "/") {
		switch node := e.any.(type) {
		case map[string]any:
			e = example{node[part]}
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(node) {
				return example{}
			}
			e = example{node[i]}
		default:
			return example{}
		}
	}
	return e
}

// each is a list's items, or a map's values.
func (e example) each() (items []example) {
	switch node := e.any.(type) {
	case []any:
		for _, item := range node {
			items = append(items, example{item})
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			items = append(items, example{node[name]})
		}
	}
	return items
}

func (e example) text() string {
	if e.any == nil {
		return ""
	}
	return fmt.Sprint(e.any)
}

// texts is a map of texts, or a list of them by number.
func (e example) texts() map[string]string {
	texts := map[string]string{}
	switch node := e.any.(type) {
	case map[string]any:
		for name, value := range node {
			texts[name] = example{value}.text()
		}
	case []any:
		for i, value := range node {
			texts[fmt.Sprint(i)] = example{value}.text()
		}
	}
	return texts
}

// words is a list of texts.
func (e example) words() (words []string) {
	for _, item := range e.each() {
		words = append(words, item.text())
	}
	return words
}

// requireParsed refuses a command or a flag that the program does not have.
func requireParsed(t *testing.T, where string, args []string) {
	t.Helper()
	parser, err := newParser(&flagSources{env: &Environment{Getenv: func(string) string { return "" }}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil || len(args) == 0 {
		t.Errorf("%s: countersign %s: %v", where, strings.Join(args, " "), err)
	}
}

// requireVariables refuses a variable that the program does not have.
func requireVariables(t *testing.T, where string, variables map[string]string) {
	t.Helper()
	sources := &flagSources{env: &Environment{}}
	if _, err := newParser(sources); err != nil {
		t.Fatal(err)
	}
	known := slices.Collect(maps.Values(sources.variables))
	for name := range variables {
		if strings.HasPrefix(name, variablePrefix) && !slices.Contains(known, name) {
			t.Errorf("%s: %s is no variable of the program", where, name)
		}
	}
}

// requireSettings has serve's settings checked as they stand, but for what is on another machine: secrets lie in files made here,
// the database and the provider are of this test, and whatever listens does so on loopback.
func requireSettings(t *testing.T, where string, variables map[string]string) {
	t.Helper()
	environ, database := migratedFile(t)
	folder := t.TempDir()
	contents := map[string]string{
		"COUNTERSIGN_DATABASE_FILE": "sqlite:" + database, "COUNTERSIGN_MASTER_KEY_FILE": testMasterKey,
		"COUNTERSIGN_OIDC_CLIENT_SECRET_FILE": "s3cr3t-value",
	}
	issuer := "COUNTERSIGN_ISSUER=" + lookup(environ)("COUNTERSIGN_ISSUER")
	given := []string{}
	for name, value := range variables {
		switch {
		case contents[name] != "":
			value = filepath.Join(folder, filepath.Base(value))
			if err := os.WriteFile(value, []byte(contents[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		case name == "COUNTERSIGN_CHECKPOINT_FILE":
			value = filepath.Join(folder, "log.checkpoint")
		case strings.HasSuffix(name, "LISTEN"):
			value = newAddress(t)
		case strings.HasSuffix(name, "_FILE"):
			t.Errorf("%s: no test knows the secret %s", where, name)
		}
		given = append(given, name+"="+value)
	}
	got := runWith(t, append(given, issuer, "COUNTERSIGN_OIDC_ISSUER=http://127.0.0.1:1"), "", "config", "check")
	for line := range strings.Lines(got.stderr) {
		if !strings.Contains(line, "staff cannot sign in") {
			t.Errorf("%s: %s", where, line)
		}
	}
	if got.code != 0 {
		t.Errorf("%s: exit code %d", where, got.code)
	}
	if address := variables["COUNTERSIGN_ISSUER"]; (&checks{}).issuer(address) != address || !strings.HasPrefix(address, "https://") {
		t.Errorf("%s: the issuer %q", where, address)
	}
}

// requireTimeToEnd wants more time than a server takes to end.
func requireTimeToEnd(t *testing.T, where, drain string, given time.Duration) {
	t.Helper()
	delay, err := readDuration(drain)
	if least := delay + drainTimeout + endingTime; err != nil || delay < 5*time.Second || given <= least {
		t.Errorf("%s: %s to end, of which it may take %s (%v)", where, given, least, err)
	}
}

// programLine is a line of a page that calls the program: by its name, or by Compose's.
var programLine = regexp.MustCompile(`(?m)(?:^| \| )(?:countersign|docker (?:compose run --rm (?:migrate|server)|run --rm registry\S+)) ([a-z][^|>\n]*)`)

// The commands that the pages of the examples call are those of the program.
func TestExamplePagesCallWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"compose/README.md", "kubernetes/README.md"} {
		text := contentOf(t, filepath.Join("..", "..", "docs", filepath.FromSlash(page)))
		called := programLine.FindAllStringSubmatch(text, -1)
		if len(called) == 0 || !strings.Contains(text, "**Not run here**") {
			t.Errorf("%s calls nothing, or does not say that it is not run", page)
		}
		for _, line := range called {
			requireParsed(t, page, strings.Fields(line[1]))
		}
	}
}

// docs/compose: the server has its secrets in files, a database that somebody else owns, the time that it needs to end, and Caddy in
// front at the one address that it believes.
func TestComposeExample(t *testing.T) {
	t.Parallel()
	project := examplesOf(t, "compose/compose.yaml")[0]
	for name, service := range project.at("services").any.(map[string]any) {
		one := example{service}
		requireVariables(t, name, one.at("environment").texts())
		if !strings.Contains(one.at("image").text(), "/countersign:") {
			continue
		}
		requireParsed(t, name, one.at("command").words())
		if one.at("read_only").text() != "true" || !slices.Equal(one.at("cap_drop").words(), []string{"ALL"}) {
			t.Errorf("%s may change its image, or has capabilities", name)
		}
		for _, secret := range one.at("secrets").words() {
			if project.at("secrets/"+secret+"/file").text() == "" {
				t.Errorf("%s: no secret %s", name, secret)
			}
		}
	}
	server := project.at("services/server")
	variables := server.at("environment").texts()
	requireSettings(t, "server", variables)
	for name, value := range variables {
		if secret, is := strings.CutPrefix(value, "/run/secrets/"); is && !slices.Contains(server.at("secrets").words(), secret) {
			t.Errorf("%s names the secret %s, which it does not get", name, secret)
		}
	}
	given, err := time.ParseDuration(server.at("stop_grace_period").text())
	if err != nil {
		t.Error(err)
	}
	requireTimeToEnd(t, "server", variables["COUNTERSIGN_DRAIN_DELAY"], given)
	requireParsed(t, "health", slices.DeleteFunc(server.at("healthcheck/test").words(), func(word string) bool {
		return word == "CMD" || word == "/countersign"
	}))
	caddy := project.at("services/caddy/networks/front/ipv4_address").text()
	if variables["COUNTERSIGN_TRUSTED_PROXY"] != caddy+"/32" {
		t.Errorf("Caddy is %s, and %s is believed", caddy, variables["COUNTERSIGN_TRUSTED_PROXY"])
	}
}

// Caddy's address can be given to nobody else, whatever starts first; the database is waited for by the way on which it is asked,
// since PostgreSQL's image answers on its socket before it has made everything.
func TestComposeWaitsAndAddresses(t *testing.T) {
	t.Parallel()
	project := examplesOf(t, "compose/compose.yaml")[0]
	network := project.at("networks/front/ipam/config/0")
	caddy, err := netip.ParseAddr(project.at("services/caddy/networks/front/ipv4_address").text())
	subnet, errSubnet := netip.ParsePrefix(network.at("subnet").text())
	given, errGiven := netip.ParsePrefix(network.at("ip_range").text())
	gateway, errGateway := netip.ParseAddr(network.at("gateway").text())
	if err := errors.Join(err, errSubnet, errGiven, errGateway); err != nil {
		t.Fatal(err)
	}
	if !subnet.Contains(caddy) || given.Contains(caddy) || gateway == caddy || !subnet.Overlaps(given) || given.Bits() < subnet.Bits() {
		t.Errorf("Caddy has %s of %s, of which Docker gives %s away, and %s is the gateway", caddy, subnet, given, gateway)
	}
	if check := project.at("services/database/healthcheck/test").words(); !slices.Contains(check, "--host=127.0.0.1") {
		t.Errorf("the database is looked for by %v", check)
	}
}

// Compose's Caddyfile is one, and leads to the server's port.
func TestComposeCaddyfile(t *testing.T) {
	t.Parallel()
	caddy := neededProgram(t, "caddy", "caddy")
	adapted, err := exec.CommandContext(t.Context(), caddy, "adapt", "--config", "../../docs/compose/Caddyfile").Output()
	if err != nil || !bytes.Contains(adapted, []byte(`"dial":"server:8080"`)) {
		t.Errorf("%v: %s", err, adapted)
	}
}
