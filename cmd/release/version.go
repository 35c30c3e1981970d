package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// version says what a release is of.
type version struct {
	name      string    // v1.2.3, or v1.2.4-0.20261130001719-60393990b2d1 for a commit without a tag after v1.2.3
	commit    string    // 40 hexadecimal digits
	at        time.Time // when it was made: the time of every file
	committer string    // NAME <MAIL>
}

// versionOf asks git about the commit that is checked out. A tag that begins with v and a digit is the version: such a one that is no
// semantic version is an error. A commit without a tag of its own has the name that the go command gives it; in a tree
// without tags that begins with v0.0.0. A shallow clone, which may lack the tag, is refused.
func versionOf(ctx context.Context, root string) (v version, err error) {
	shallow, err := capture(ctx, root, "git", "rev-parse", "--is-shallow-repository")
	if err != nil {
		return version{}, err
	}
	if shallow == "true" {
		return version{}, errors.New("this clone is shallow: the tag that names the version may be missing.\nNext: git fetch --unshallow --tags")
	}
	line, err := capture(ctx, root, "git", "log", "-1", "--format=%H %ct %cn <%ce>")
	if err != nil {
		return version{}, err
	}
	parts := strings.SplitN(line, " ", 3)
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return version{}, err
	}
	v = version{commit: parts[0], at: time.Unix(seconds, 0).UTC(), committer: parts[2]}
	described, err := capture(ctx, root, "git", "describe", "--tags", "--long", "--always", "--abbrev=12", "--match=v[0-9]*")
	if err != nil {
		return version{}, err
	}
	v.name, err = nameOf(described, v.commit, v.at)
	return v, err
}

// nameOf makes a name from `git describe --long --always`: TAG-COMMITS-gHASH, or a hash where there is no tag.
func nameOf(described, commit string, at time.Time) (string, error) {
	parts := strings.Split(described, "-")
	if len(parts) < 3 {
		return module.PseudoVersion("v0", "", at, commit[:12]), nil
	}
	tag, since := strings.Join(parts[:len(parts)-2], "-"), parts[len(parts)-2]
	if !semver.IsValid(tag) || semver.Canonical(tag) != tag {
		return "", fmt.Errorf("the tag %s is no version: v1.2.3 or v1.2.3-rc.1 is one.\nNext: git tag -d %[1]s, and tag the commit anew", tag)
	}
	if since == "0" {
		return tag, nil
	}
	return module.PseudoVersion(semver.Major(tag), tag, at, commit[:12]), nil
}

// debian is the version as dpkg compares it: what comes before a release has a tilde, and nothing has a hyphen.
func (v version) debian() string {
	number, before, is := strings.Cut(strings.TrimPrefix(v.name, "v"), "-")
	if !is {
		return number
	}
	return number + "~" + strings.ReplaceAll(before, "-", ".")
}

// plain is the version in the names of files.
func (v version) plain() string { return strings.TrimPrefix(v.name, "v") }
