package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The image's build stage works here too, and what it builds needs no file of the system it runs on.
func TestDockerfileBuildsOneStaticProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles SQLite once more")
	}
	dockerfile, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	for _, command := range buildStageCommands(string(dockerfile)) {
		runIn(t, filepath.Join("..", ".."), strings.ReplaceAll(command, "/out/", out+"/"), "VERSION=v0.0.0-dockerfile")
	}

	program := filepath.Join(out, "countersign")
	requireStatic(t, program)
	if got := runIn(t, out, program+" version"); !strings.Contains(got, "v0.0.0-dockerfile") {
		t.Errorf("countersign version prints %q, without the version given to the build", got)
	}
	if data, err := os.Stat(filepath.Join(out, "data")); err != nil || !data.IsDir() {
		t.Errorf("no folder for the data volume: %v", err)
	}
}

// The program's stage has no shell: only the exec form works there.
func TestDockerfileProgramStage(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, final, found := strings.Cut(string(dockerfile), "\nFROM gcr.io/distroless/static")
	if !found {
		t.Fatal("the last stage is not distroless static")
	}
	for _, line := range []string{
		"USER 65532:65532",
		"VOLUME /data",
		"ENV COUNTERSIGN_LISTEN=0.0.0.0:8080",
		`HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/countersign", "health"]`,
		`ENTRYPOINT ["/countersign"]`,
		`CMD ["serve"]`,
	} {
		if !slices.ContainsFunc(instructions(final), func(i string) bool { return strings.HasPrefix(i, line) }) {
			t.Errorf("the last stage lacks %s", line)
		}
	}
}

func TestBuildStageCommands(t *testing.T) {
	const dockerfile = "# a comment\nFROM one AS build\nCOPY . .\nRUN first \\\n  --long\nRUN second\n\nFROM two\nRUN never\n"
	got := buildStageCommands(dockerfile)
	if want := []string{"first --long", "second"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// buildStageCommands reads the RUN commands between the first FROM and the second.
func buildStageCommands(dockerfile string) []string {
	var commands []string
	stage := 0
	for _, instruction := range instructions(dockerfile) {
		if strings.HasPrefix(instruction, "FROM ") {
			stage++
		}
		if command, ok := strings.CutPrefix(instruction, "RUN "); ok && stage == 1 {
			commands = append(commands, command)
		}
	}
	return commands
}

// instructions joins continued lines, each by one space, and leaves comments out.
func instructions(dockerfile string) []string {
	var joined []string
	continued := false
	for line := range strings.Lines(dockerfile) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, more := strings.CutSuffix(line, `\`)
		text = strings.TrimSpace(text)
		if continued {
			joined[len(joined)-1] += " " + text
		} else {
			joined = append(joined, text)
		}
		continued = more
	}
	return joined
}

func runIn(t *testing.T, dir, command string, env ...string) string {
	t.Helper()
	sh := exec.CommandContext(t.Context(), "sh", "-ec", command)
	sh.Dir = dir
	sh.Env = append(os.Environ(), env...)
	output, err := sh.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return string(output)
}

// requireStatic fails when the program asks for a loader or a shared library.
func requireStatic(t *testing.T, program string) {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("the program asks for a dynamic loader")
		}
	}
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the program needs shared libraries %v (%v)", libraries, err)
	}
}
