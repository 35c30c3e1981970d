package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	programFolder = "cmd/countersign"
	insideFile    = "cmd/bench/_inside/stats.go"
)

// repository is the root of the working tree that the bench runs in.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	root := strings.TrimSpace(string(out))
	if err == nil && root == "" { // no module is not an error
		err = errors.New("there is none here")
	}
	if err != nil {
		return "", fmt.Errorf("run the bench within the repository: %w", err)
	}
	return root, nil
}

// buildProgram builds a tree's program with the inside of this repository added to it.
func buildProgram(ctx context.Context, root, tree, program string, flags ...string) error {
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(tree, programFolder, "bench_stats.go"): filepath.Join(root, insideFile),
	}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(program+".overlay", overlay, 0o600); err != nil {
		return err
	}
	arguments := append([]string{"build", "-buildvcs=false", "-overlay", program + ".overlay", "-o", program}, flags...)
	build := exec.CommandContext(ctx, "go", append(arguments, "./"+programFolder)...)
	build.Dir = tree
	return told(build)
}

// exportCommit puts the files of a commit into a folder below the given one.
func exportCommit(ctx context.Context, root, commit, folder string) (string, error) {
	tree := filepath.Join(folder, "tree")
	if err := os.Mkdir(tree, 0o700); err != nil {
		return "", err
	}
	archive := filepath.Join(folder, "tree.tar")
	git := exec.CommandContext(ctx, "git", "archive", "--output", archive, commit)
	git.Dir = root
	if err := told(git); err != nil {
		return "", err
	}
	return tree, told(exec.CommandContext(ctx, "tar", "-xf", archive, "-C", tree))
}

// told runs a command; what it said becomes part of its error.
func told(command *exec.Cmd) error {
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, out)
	}
	return nil
}
