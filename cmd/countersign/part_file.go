package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const partEnding = ".part"

// partFile is a file under another name until it is whole: its own with .part behind it, in the same folder, for its owner's eyes
// only. A process that is killed leaves it, and nothing that looks whole. It is locked as long as somebody writes it.
type partFile struct {
	*os.File
	wanted string
}

// removeLeft removes what killed processes left of files in a folder whose names begin so: .part files that nobody holds, and what
// SQLite wrote beside them. It returns their names.
func removeLeft(prefix string) (removed []string, err error) {
	folder, begin := filepath.Split(prefix)
	entries, err := os.ReadDir(filepath.Clean(folder))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		name := filepath.Join(folder, entry.Name())
		if !strings.HasPrefix(entry.Name(), begin) || !strings.HasSuffix(name, partEnding) || !isLeft(name) {
			continue
		}
		for _, beside := range []string{"-journal", "-wal", "-shm"} {
			if gone := os.Remove(name + beside); !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
		if err = errors.Join(err, os.Remove(name)); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// isLeft reports whether nobody writes a .part file any more: whoever does holds its lock, and the system gives up those of the dead.
func isLeft(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	return err == nil && info.Mode().IsRegular() && lockFile(file) == nil
}

// newPart begins a file where there is none yet, and where nobody else begins it.
func newPart(name string) (*partFile, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, &fs.PathError{Op: "write", Path: name, Err: errors.New("is there already, and is not overwritten")}
	}
	file, err := os.OpenFile(name+partEnding, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w.\nNext: wait for whoever writes it, or remove it: it is what a killed process left, and not whole", err)
	}
	if err != nil {
		return nil, err
	}
	_ = lockFile(file) // where there are no locks, nobody takes it for one that was left
	return &partFile{file, name}, nil
}

// publish gives the file its name, or another one, which no file may have, once all of it is on the disk.
func (p *partFile) publish(name string) error {
	if err := p.Sync(); err != nil {
		return err
	}
	if err := publish(p.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// end closes the file, and removes what was not published.
func (p *partFile) end() error {
	err := p.Close()
	if gone := os.Remove(p.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// writeNew writes a file that nobody else may read, under another name until it is whole. What is there is not overwritten.
func writeNew(name string, write func(io.Writer) error) (err error) {
	part, err := newPart(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.end()) }()
	if err := write(part); err != nil {
		return err
	}
	return part.publish(name)
}

// publish gives a file its name, which no file may have. Where there are no links a file that came meanwhile is replaced.
func publish(part, name string) error {
	err := os.Link(part, name)
	if err == nil {
		return os.Remove(part)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(part, name)
}

// syncFolder lets names in a folder survive a power cut.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
