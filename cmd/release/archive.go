package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"path"
	"slices"
	"strings"
	"time"
)

// entry is a file of an archive or of a package.
type entry struct {
	name    string // with slashes, without one at its beginning
	content []byte
	runs    bool // whether it may be executed
}

// mode is the same whatever the umask was.
func (e entry) mode() int64 {
	if e.runs {
		return 0o755
	}
	return 0o644
}

// archive packs entries below a folder (".", or a name) into a compressed tar file: in the order of their names, each folder before what
// is in it, all of root and of one time. No clock and no name of this machine goes into it.
func archive(below string, entries []entry, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	squeezed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	packed := tar.NewWriter(squeezed)
	header := func(kind byte, name string, mode, size int64) error {
		return packed.WriteHeader(&tar.Header{Typeflag: kind, Name: below + "/" + name, Mode: mode, Size: size, ModTime: at,
			Uname: "root", Gname: "root", Format: tar.FormatUSTAR})
	}
	made := map[string]bool{}
	for _, one := range sorted(entries) {
		for _, folder := range foldersOf(one.name) {
			if made[folder] {
				continue
			}
			made[folder] = true
			if err := header(tar.TypeDir, folder, 0o755, 0); err != nil {
				return nil, err
			}
		}
		if err := header(tar.TypeReg, one.name, one.mode(), int64(len(one.content))); err != nil {
			return nil, err
		}
		if _, err := packed.Write(one.content); err != nil {
			return nil, err
		}
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	err = squeezed.Close()
	return out.Bytes(), err
}

// foldersOf are the folders above a name, the outermost first, each with a slash at its end; "" is the archive's own.
func foldersOf(name string) []string {
	var folders []string
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		folders = append(folders, folder+"/")
	}
	folders = append(folders, "")
	slices.Reverse(folders)
	return folders
}

func sorted(entries []entry) []entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return strings.Compare(a.name, b.name) })
}

// squeeze compresses one file without its name and its time.
func squeeze(content []byte) ([]byte, error) {
	var out bytes.Buffer
	squeezed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := squeezed.Write(content); err != nil {
		return nil, err
	}
	err = squeezed.Close()
	return out.Bytes(), err
}
