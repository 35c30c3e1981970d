package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"testing"
)

// An archive has its files by name, each folder first, all of root and of one time, whatever order they came in.
func TestArchiveIsTheSameEachTime(t *testing.T) {
	entries := []entry{
		{name: "b/c/run", content: []byte("#!/bin/sh\n"), runs: true},
		{name: "a", content: []byte("text\n")},
		{name: "b/a", content: nil},
	}
	one, err := archive("top", entries, someTime)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(entries)
	if again, err := archive("top", entries, someTime); err != nil || !bytes.Equal(one, again) {
		t.Errorf("it is another one when the files come in another order: %v", err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	if plain.Name != "" || !plain.ModTime.IsZero() {
		t.Errorf("the compressed file has a name or a time: %+v", plain.Header)
	}
	var got []string
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, header.FileInfo().Mode().String()+" "+header.Name)
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "root" || header.Gname != "root" || !header.ModTime.Equal(someTime) {
			t.Errorf("%s: %+v", header.Name, header)
		}
	}
	want := []string{"drwxr-xr-x top/", "-rw-r--r-- top/a", "drwxr-xr-x top/b/", "-rw-r--r-- top/b/a", "drwxr-xr-x top/b/c/",
		"-rwxr-xr-x top/b/c/run"}
	if !slices.Equal(got, want) {
		t.Errorf("it holds\n%q, want\n%q", got, want)
	}
}
