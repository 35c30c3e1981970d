package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readUnitFile(t *testing.T, name string) string {
	t.Helper()
	return contentOf(t, filepath.Join("..", "..", "docs", "systemd", name))
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// systemdRun does what docs/systemd/countersign-command asks systemd-run(1) for, as this user: folders, credentials (which
// are 0440, with an access control list), variables.
const systemdRun = `#!/bin/sh -e
while :; do
  case $1 in
  --unit=*)
    export CREDENTIALS_DIRECTORY="/run/credentials/${1#--unit=}.service"
    mkdir -p "$CREDENTIALS_DIRECTORY" ;;
  -p)
    case $2 in
    LoadCredential=*)
      from=${2#LoadCredential=}
      install -m 0440 "${from#*:}" "$CREDENTIALS_DIRECTORY/${from%%:*}" ;;
    EnvironmentFile=*) set -a; . "${2#*=}"; set +a ;;
    StateDirectory=*)
      for name in ${2#StateDirectory=}; do mkdir -p "/var/lib/$name"; done ;;
    esac
    shift ;;
  -E) export "$2"; shift ;;
  -*) ;;
  *) exec "$@" ;;
  esac
  shift
done
`

// unitsPage is docs/systemd with its files, for a machine whose folders are below a temporary one.
type unitsPage struct {
	t        *testing.T
	folder   string // of the files
	commands string // of "Set up"
	change   string // of "Change the master key"
	there    *strings.Replacer
}

func newUnitsPage(t *testing.T) *unitsPage {
	t.Helper()
	program, err := exec.LookPath("countersign")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	p := &unitsPage{t: t, folder: filepath.Join(root, "docs"), there: strings.NewReplacer("/etc/systemd/system", root+"/units",
		"/etc/countersign", root+"/etc/countersign", "/usr/local/sbin", root+"/sbin", "/var/lib/", root+"/lib/",
		"/run/credentials", root+"/credentials", "/usr/bin/countersign ", program+" ")}
	for _, name := range []string{"docs", "units", "sbin", "etc"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"docs/countersign.service": readUnitFile(t, "countersign.service"), "docs/countersign.socket": readUnitFile(t, "countersign.socket"),
		"docs/countersign-command": readUnitFile(t, "countersign-command"), "sbin/systemd-run": systemdRun,
		"sbin/useradd": "#!/bin/sh\n", "sbin/systemctl": "#!/bin/sh\n",
		"sbin/chown": "#!/bin/sh\nls \"$2\" >/dev/null && echo \"$1 ${2##*/}\" >>" + root + "/owners\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(p.there.Replace(text)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, commands := range map[string]*string{"Set up": &p.commands, "Change the master key": &p.change} {
		_, section, _ := strings.Cut(readUnitFile(t, "README.md"), "\n## "+name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		*commands = p.there.Replace(shellBlocks(section))
	}
	t.Setenv("PATH", filepath.Join(root, "sbin")+":"+os.Getenv("PATH"))
	return p
}

// setUp runs the page's commands; the secret is what is pasted.
func (p *unitsPage) setUp() (said string, err error) { return p.run(p.commands) }

func (p *unitsPage) run(commands string) (said string, err error) {
	shell := exec.Command("sh", "-e", "-u", "-c", commands)
	shell.Stdin, shell.Dir = strings.NewReader("a-secret-of-the-provider\n"), p.folder
	output, err := shell.CombinedOutput()
	return string(output), err
}

// docs/systemd/README.md, "Set up", as it is written: it makes each file that the unit names, the secrets for root's eyes
// only, and settings with which serve starts. A second time it overwrites no secret.
func TestUnitsAreSetUpAsWritten(t *testing.T) {
	p := newUnitsPage(t)
	said, err := p.setUp()
	if err != nil || !strings.HasSuffix(said, "serve would start with these settings\n") || strings.Contains(said, "others can read") {
		t.Fatalf("%v\n%s", err, said)
	}
	unit := p.there.Replace(readUnitFile(t, "countersign.service"))
	secrets := regexp.MustCompile(`(?m)^LoadCredential=\S+:(\S+)$`).FindAllStringSubmatch(unit, -1)
	if len(secrets) < 2 || strings.Contains(p.commands, "chmod") {
		t.Errorf("secrets %q, or one that others can read for a moment", secrets)
	}
	settings := regexp.MustCompile(`(?m)^EnvironmentFile=(\S+)$`).FindStringSubmatch(unit)
	if info, err := os.Stat(settings[1]); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%s: %v, %v", settings[1], info, err)
	}
	kept := map[string]string{}
	for _, secret := range secrets {
		info, err := os.Stat(secret[1])
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", secret[1], info, err)
		}
		kept[secret[1]] = contentOf(t, secret[1])
	}
	if said, err := p.setUp(); err == nil {
		t.Errorf("a second time it says nothing of the key that is there: %s", said)
	}
	for path, content := range kept {
		if contentOf(t, path) != content {
			t.Errorf("a second time it overwrites %s", path)
		}
	}
}

// docs/systemd/README.md, "Change the master key": the command reads the new one as the service's user, and root has it afterwards; the
// old one is kept, and no longer opens the keys.
func TestUnitsMasterKeyIsChanged(t *testing.T) {
	p := newUnitsPage(t)
	if said, err := p.setUp(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	root := filepath.Dir(p.folder)
	key := filepath.Join(root, "etc/countersign/master.key")
	before := contentOf(t, key)
	said, err := p.run(p.change)
	if err != nil || contentOf(t, key) == before {
		t.Fatalf("%v\n%s", err, said)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if got := contentOf(t, filepath.Join(root, "owners")); got != "countersign master.key.new\nroot: master.key.new\n" {
		t.Errorf("it is given to %q", got)
	}
	kept, err := filepath.Glob(key + ".until-*T*Z")
	if err != nil || len(kept) != 1 || contentOf(t, kept[0]) != before {
		t.Fatalf("the old one is kept as %q, %v", kept, err)
	}
	if err := os.Rename(kept[0], key); err != nil {
		t.Fatal(err)
	}
	if said, err := p.run("countersign-command keys list"); err == nil {
		t.Errorf("the old master key still opens them:\n%s", said)
	}
}

// The database and the kept checkpoint lie in two folders, which the unit makes: a copy of one does not set the other back.
func TestUnitsKeepTheCheckpointApart(t *testing.T) {
	t.Parallel()
	_, text, _ := strings.Cut(readUnitFile(t, "README.md"), "<<'END'\n")
	text, _, _ = strings.Cut(text, "END\n")
	setting := lookup(strings.Split(text, "\n"))
	database, checkpoint := filepath.Dir(setting("COUNTERSIGN_DATABASE")), filepath.Dir(setting("COUNTERSIGN_CHECKPOINT_FILE"))
	folders := []string{filepath.Base(database), filepath.Base(checkpoint)}
	if folders[0] == folders[1] {
		t.Errorf("both lie in %s", folders[0])
	}
	if !strings.Contains(readUnitFile(t, "countersign.service"), "\nStateDirectory="+strings.Join(folders, " ")+"\n") {
		t.Errorf("the unit does not make %q", folders)
	}
}

// countersign-command runs a command with the user, the folders, the secrets and the variables of the service.
func TestUnitsCommandIsLikeTheService(t *testing.T) {
	t.Parallel()
	lines := func(text, pattern string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, strings.NewReplacer("'", "", `"`, "", "$secrets", "%d").Replace(match[1]))
		}
		slices.Sort(found)
		return found
	}
	const like = `(?:User|Group|UMask|StateDirectory|StateDirectoryMode|WorkingDirectory|EnvironmentFile|LoadCredential)`
	unit, command := readUnitFile(t, "countersign.service"), readUnitFile(t, "countersign-command")
	for _, of := range [][2]string{
		{`(?m)^(` + like + `=.+)$`, `-p (` + like + `=(?:'[^']+'|\S+))`},
		{`(?m)^Environment=(\S+)$`, `-E (\S+)`},
	} {
		if want, got := lines(unit, of[0]), lines(command, of[1]); !slices.Equal(got, want) || len(got) < 2 {
			t.Errorf("countersign-command has\n%q, and countersign.service\n%q", got, want)
		}
	}
}
