package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const someMaintainer = "Ada Example <ada@example.org>"

// someMade is as a build makes it, with small programs.
func someMade(t *testing.T) made {
	t.Helper()
	pages, err := pagesOf(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return made{
		programs: map[string][]byte{serverProgram: []byte("#!/bin/sh\necho server\n"), verifyProgram: []byte("#!/bin/sh\necho verify\n")},
		manual:   []byte(".TH COUNTERSIGN 1\n"), complete: someCompletions(), bill: []byte("{}\n"), licences: []byte("licences\n"),
		pages: pages,
	}
}

func someCompletions() map[string][]byte {
	scripts := map[string][]byte{}
	for shell := range completions {
		scripts[shell] = []byte(shell + "\n")
	}
	return scripts
}

// somePackage is the package as a file, and its files below a folder.
func somePackage(t *testing.T) (file, root string) {
	t.Helper()
	v := version{name: "v1.2.3", commit: someCommit, at: someTime}
	content, err := debianPackage(v, "arm64", someMaintainer, someMade(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := debianPackage(v, "arm64", someMaintainer, someMade(t))
	if err != nil || !bytes.Equal(content, again) {
		t.Fatalf("it is not the same a second time: %v", err)
	}
	file, root = filepath.Join(t.TempDir(), "countersign.deb"), t.TempDir()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, "dpkg-deb", "--extract", file, root)
	return file, root
}

func ask(t *testing.T, name string, args ...string) string {
	t.Helper()
	said, err := exec.Command(debianTool(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, said)
	}
	return string(said)
}

// dpkg-deb reads the package: what it is, what it asks for, what belongs to whoever runs it, and the sums of the rest.
func TestPackageIsReadByDebian(t *testing.T) {
	file, root := somePackage(t)
	for field, want := range map[string]string{
		"Package": "countersign", "Version": "1.2.3", "Architecture": "arm64", "Maintainer": someMaintainer,
		"Depends": "systemd (>= 250), procps",
	} {
		if got := strings.TrimSpace(ask(t, "dpkg-deb", "--field", file, field)); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if got := ask(t, "dpkg-deb", "--info", file, "conffiles"); got != "/etc/countersign/environment\n" {
		t.Errorf("conffiles %q", got)
	}
	check := exec.Command("md5sum", "--check", "--quiet", "-")
	check.Dir, check.Stdin = root, strings.NewReader(ask(t, "dpkg-deb", "--info", file, "md5sums"))
	if said, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	for path, mode := range map[string]os.FileMode{
		"usr/bin/countersign": 0o755, "usr/bin/countersign-verify": 0o755, "usr/sbin/countersign-command": 0o755,
		"usr/lib/systemd/system/countersign.service": 0o644, "usr/lib/systemd/system/countersign.socket": 0o644,
		"usr/lib/sysusers.d/countersign.conf": 0o644, "usr/share/man/man1/countersign.1.gz": 0o644,
		"usr/share/man/man1/countersign-verify.1.gz": 0o644, "usr/share/man/man8/countersign-command.8.gz": 0o644,
		"usr/share/bash-completion/completions/countersign": 0o644, "usr/share/zsh/vendor-completions/_countersign": 0o644,
		"usr/share/fish/vendor_completions.d/countersign.fish": 0o644, "etc/countersign/environment": 0o644,
		documents + "copyright": 0o644, documents + "changelog.gz": 0o644, documents + "LICENSES.gz": 0o644,
		documents + "docs/operations.md":   0o644,
		documents + "countersign.cdx.json": 0o644, documents + "docs/systemd/README.md": 0o644,
	} {
		if info, err := os.Stat(filepath.Join(root, path)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if strings.Contains(ask(t, "dpkg-deb", "--contents", file), ".go\n") {
		t.Error("there is code in it")
	}
}

// The package's files are those that the unit names, and its settings those of docs/systemd.
func TestPackageIsTheUnits(t *testing.T) {
	_, root := somePackage(t)
	unit := fileOf(t, unitPage) + fileOf(t, commandPage)
	named := regexp.MustCompile(`(?m)(?:ExecStart=|^  )(/usr/bin/countersign)|EnvironmentFile=(\S+)`)
	for _, path := range named.FindAllStringSubmatch(unit, -1) {
		if _, err := os.Stat(filepath.Join(root, path[1]+path[2])); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"User=countersign\n", "WorkingDirectory=/var/lib/countersign\n", "=/bin/kill "} { // of procps
		if !strings.Contains(unit, want) {
			t.Errorf("the unit does not say %s", want)
		}
	}
	if got := string(usersTemplate); !strings.HasPrefix(got, "u countersign ") || !strings.Contains(got, " /var/lib/countersign ") {
		t.Errorf("the user is made as %q", got)
	}
	_, page, _ := strings.Cut(fileOf(t, "docs", "systemd", "README.md"), "<<'END'\n")
	page, _, _ = strings.Cut(page, "END\n")
	var lines []string
	for line := range strings.Lines(string(settingsTemplate)) {
		if line = strings.TrimPrefix(line, "#"); strings.HasPrefix(line, "COUNTERSIGN_") {
			lines = append(lines, line)
		}
	}
	if got := strings.Join(lines, ""); got != page {
		t.Errorf("the package's settings are\n%s, and those of docs/systemd\n%s", got, page)
	}
}

// The manual page of countersign-verify names each of its flags.
func TestVerifyManualNamesEachFlag(t *testing.T) {
	source := fileOf(t, "cmd", "countersign-verify", "main.go")
	flags := regexp.MustCompile(`flags\.\w+\((?:&[\w.]+, )?"([a-z-]+)"`).FindAllStringSubmatch(source, -1)
	if len(flags) < 5 {
		t.Fatalf("flags %q", flags)
	}
	for _, flag := range flags {
		if name := `\-\-` + strings.ReplaceAll(flag[1], "-", `\-`); !strings.Contains(string(verifyManual), name) {
			t.Errorf("%s is missing", name)
		}
	}
}

// scriptOf runs a script of the package on a machine with systemd, on which the server runs or not, and returns what it says and what
// systemd is asked.
func scriptOf(t *testing.T, script []byte, running bool, args ...string) (said string, asked []string) {
	t.Helper()
	root := t.TempDir()
	log, active := filepath.Join(root, "log"), "exit 3"
	if running {
		active = "exit 0"
	}
	stub := "#!/bin/sh\necho \"${0##*/} $*\" >>" + log + "\ncase $* in *is-active*) " + active + " ;; esac\n"
	for _, folder := range []string{"run/systemd/system", "bin", "var/lib/countersign", "var/lib/countersign-log", "etc/countersign"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	database := filepath.Join(root, "var/lib/countersign/countersign.db")
	files := map[string]string{filepath.Join(root, "bin/systemctl"): stub, filepath.Join(root, "bin/systemd-sysusers"): stub, database: "rows"}
	for path, content := range files {
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	there := strings.NewReplacer("/run/systemd", root+"/run/systemd", "/var/lib", root+"/var/lib", "/etc/", root+"/etc/")
	shell := exec.Command("sh", append([]string{"-c", there.Replace(string(script)), "script"}, args...)...)
	shell.Env = []string{"PATH=" + filepath.Join(root, "bin") + ":" + os.Getenv("PATH")}
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, output)
	}
	if content, err := os.ReadFile(database); err != nil || string(content) != "rows" {
		t.Errorf("%q: the database is %q, %v", args, content, err)
	}
	lines, _ := os.ReadFile(log)
	return strings.ReplaceAll(string(output), root, ""), strings.Split(strings.TrimSpace(string(lines)), "\n")
}

// What dpkg runs starts no server and deletes no data; an update leaves the server running, and says what is next.
func TestPackageScripts(t *testing.T) {
	for _, c := range []struct {
		name    string
		script  []byte
		running bool
		args    []string
		says    string
		asked   []string
	}{
		{"first", postinst, false, []string{"configure", ""}, "installed, and not started",
			[]string{"systemd-sysusers countersign.conf", "systemctl --system daemon-reload"}},
		{"an update", postinst, true, []string{"configure", "1.2.2"}, "Make a backup, then: systemctl restart countersign",
			[]string{"systemd-sysusers countersign.conf", "systemctl --system daemon-reload", "systemctl --quiet is-active countersign.service"}},
		{"an update of what does not run", postinst, false, []string{"configure", "1.2.2"}, "",
			[]string{"systemd-sysusers countersign.conf", "systemctl --system daemon-reload", "systemctl --quiet is-active countersign.service"}},
		{"before an update", prerm, true, []string{"upgrade", "1.2.4"}, "", []string{""}},
		{"before it goes", prerm, true, []string{"remove"}, "",
			[]string{"systemctl --quiet disable --now countersign.socket countersign.service"}},
		{"gone", postrm, false, []string{"remove"}, "", []string{"systemctl --system daemon-reload"}},
		{"after an update", postrm, true, []string{"upgrade", "1.2.4"}, "", []string{""}},
		{"purged", postrm, false, []string{"purge"}, "kept: /var/lib/countersign. Nothing deletes it but you", []string{""}},
	} {
		said, asked := scriptOf(t, c.script, c.running, c.args...)
		if (c.says == "") != (said == "") || !strings.Contains(said, c.says) || !slices.Equal(asked, c.asked) {
			t.Errorf("%s: says %q, asks %q", c.name, said, asked)
		}
	}
	if said, _ := scriptOf(t, postrm, false, "purge"); strings.Count(said, "kept: ") != 3 {
		t.Errorf("purged, it says %q", said)
	}
}
