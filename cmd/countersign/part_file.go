package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// partFile is a file under another name until it is whole: its own with .part behind it, in the same folder, for its owner's eyes
// only. A process that is killed leaves it, and nothing that looks whole.
type partFile struct {
	*os.File
	wanted string
}

// newPart begins a file where there is none yet, and where nobody else begins it.
func newPart(name string) (*partFile, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, &fs.PathError{Op: "write", Path: name, Err: errors.New("is there already, and is not overwritten")}
	}
	file, err := os.OpenFile(name+".part", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w.\nNext: wait for whoever writes it, or remove it: it is what a killed process left, and not whole", err)
	}
	return &partFile{file, name}, err
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
