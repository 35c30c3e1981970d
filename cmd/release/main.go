// Command release makes what a version is handed out as, for linux/amd64 and linux/arm64: an archive, a Debian package and a bill of
// materials each, and the checksums of all. `make release` calls it; docs/decisions/0075-releases.md says why it is so.
//
//	main.go      the command line, and the steps in their order
//	tools.go     what it needs, named when it is missing
//	version.go   the version: the tag of the commit, or else as the go command names a commit
//	build.go     the one recipe of the static programs; Dockerfile has the same
//	start.go     starts what was built, by an emulator where it is of another processor
//	artefacts.go from programs to files
//	contents.go  what lies where, in the archive and in the package
//	archive.go   a compressed archive, the same byte for byte each time
//	debian.go    a Debian package; its scripts and small files are below debian
//	sbom.go      the bill of materials (CycloneDX), read from the programs themselves
//	licences.go  the licences of all that is linked
//
// All of it is made twice, from two clones of the commit in two folders, the second time with an empty build cache, and the two must
// be equal. What is not committed is not in it.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is the program with its command line.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "dist", "`FOLDER` in which a folder of the version's name is made, or made anew")
	maintainer := flags.String("maintainer", "", "whom the Debian package names, `NAME <MAIL>`; otherwise who made the commit")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "release: what is %q? It takes flags only.\nNext: release -help\n", flags.Arg(0))
		return exitUsage
	}
	b := &builder{out: stdout, maintainer: *maintainer, begun: time.Now()}
	if err := b.release(ctx, *out); err != nil {
		_, _ = fmt.Fprintln(stderr, "release:", err)
		return exitFailed
	}
	return 0
}

// builder makes one release.
type builder struct {
	out        io.Writer
	maintainer string // NAME <MAIL>
	begun      time.Time
	root       string // of the repository
	version    version
}

// say prints a line with the seconds since the beginning.
func (b *builder) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.out, "%4.0f s  %s\n", time.Since(b.begun).Seconds(), fmt.Sprintf(format, args...))
}

// release makes the folder of the version below out, whole or not at all.
func (b *builder) release(ctx context.Context, out string) error {
	if err := missingTools(exec.LookPath); err != nil {
		return err
	}
	root, err := rootOf(ctx, ".")
	if err != nil {
		return err
	}
	b.root = root
	if err := errors.Join(toolchainIsPinned(root), recipeIsCommitted(ctx, root)); err != nil {
		return err
	}
	if b.version, err = versionOf(ctx, root); err != nil {
		return err
	}
	if b.maintainer == "" {
		b.maintainer = b.version.committer
	}
	changed, err := capture(ctx, root, "git", "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		b.say("not in the release, since it is not committed:\n%s", changed)
	}
	b.say("version %s, commit %s", b.version.name, b.version.commit)
	work, err := os.MkdirTemp("", "countersign-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made, err := b.twice(ctx, work)
	if err != nil {
		return err
	}
	if err := b.lint(ctx, made); err != nil {
		return err
	}
	return b.publish(made, filepath.Join(out, b.version.name))
}

// twice makes everything in two folders whose paths have different lengths, and compares. It returns the first one's results.
func (b *builder) twice(ctx context.Context, work string) (made string, err error) {
	first, second := filepath.Join(work, "a"), filepath.Join(work, "another", "place")
	if made, err = b.once(ctx, first, nil, b.starts); err != nil {
		return "", err
	}
	b.say("everything once more, in another folder and with an empty build cache")
	again, err := b.once(ctx, second, []string{"GOCACHE=" + filepath.Join(work, "cache")}, nil)
	if err != nil {
		return "", err
	}
	if err := sameFiles(made, again); err != nil {
		return "", err
	}
	b.say("both are equal, byte for byte")
	return made, nil
}

// sameFiles compares two folders that hold files only.
func sameFiles(one, other string) error {
	files, err := os.ReadDir(one)
	if err != nil {
		return err
	}
	others, err := os.ReadDir(other)
	if err != nil {
		return err
	}
	if len(files) != len(others) {
		return fmt.Errorf("%d files were made, and %d the second time", len(files), len(others))
	}
	for _, file := range files {
		first, err := os.ReadFile(filepath.Join(one, file.Name()))
		if err != nil {
			return err
		}
		second, err := os.ReadFile(filepath.Join(other, file.Name()))
		if err != nil {
			return err
		}
		if !bytes.Equal(first, second) {
			return fmt.Errorf("%s is not the same the second time: %d and %d bytes, the first that differs is number %d",
				file.Name(), len(first), len(second), firstDifference(first, second))
		}
	}
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// rootOf is the top of the repository that a folder is in. Sources without git do not say which commit they are of.
func rootOf(ctx context.Context, folder string) (string, error) {
	root, err := capture(ctx, folder, "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return "", fmt.Errorf("%w\nNext: make it in a clone of the repository that is yours: a release is of a commit", err)
	}
	return root, nil
}

// recipeIsCommitted refuses changes of cmd/release: the recipe and the package's small files are those of this program, and not of
// the clone, so that they would be in the release and in no commit.
func recipeIsCommitted(ctx context.Context, root string) error {
	changed, err := capture(ctx, root, "git", "status", "--porcelain", "--", "cmd/release")
	if err == nil && changed != "" {
		err = fmt.Errorf("cmd/release is not as it was committed, and would be in the release:\n%s\nNext: commit that, or git stash", changed)
	}
	return err
}

// publish moves what was made to where it is looked for, in place of what an earlier call made there, which stays until all is there.
func (b *builder) publish(made, folder string) error {
	part := folder + ".part"
	err := os.RemoveAll(part)
	if err == nil {
		err = os.CopyFS(part, os.DirFS(made))
	}
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err == nil {
		err = os.Rename(part, folder)
	}
	if err != nil {
		return err
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			return err
		}
		b.say("%11d bytes  %s", info.Size(), filepath.Join(folder, file.Name()))
	}
	b.say("sign %s with a key that is not on this machine, for example: gpg --armor --detach-sign %[1]s", checksumsName)
	return nil
}

// capture runs a program, and returns what it prints without the end of the last line.
func capture(ctx context.Context, folder, name string, args ...string) (string, error) {
	process := exec.CommandContext(ctx, name, args...)
	process.Dir = folder
	var said bytes.Buffer
	process.Stderr = &said
	printed, err := process.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return strings.TrimRight(string(printed), "\n"), nil
}
