package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"countersign/audit/tree"
)

// State is the newest checkpoint of each log that was cosigned, a file each in a folder: its note. One process at a time has it.
type State struct {
	folder string
	unlock func() error
	step   func(string) // hears of each step of writing before it; for tests
}

// OpenState opens or makes the folder, and keeps other processes out until Close. Two witnesses with one key and two memories would
// cosign two histories.
func OpenState(folder string) (*State, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	unlock, err := lock(filepath.Join(folder, "lock"))
	if err != nil {
		return nil, err
	}
	return &State{folder, unlock, func(string) {}}, nil
}

// Close lets other processes in.
func (s *State) Close() error { return s.unlock() }

// file is where the checkpoint of a log is: an origin may hold what no file name may.
func (s *State) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(s.folder, hex.EncodeToString(sum[:])+".checkpoint")
}

// last is the newest checkpoint of a log that was cosigned; the empty tree when there was none. What is there and cannot be read is
// an error, never an empty tree.
func (s *State) last(origin string) (tree.Checkpoint, error) {
	file, err := os.Open(s.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return tree.Checkpoint{Origin: origin}, nil
	}
	if err != nil {
		return tree.Checkpoint{}, err
	}
	text, err := io.ReadAll(io.LimitReader(file, tree.MaxAddCheckpoint))
	if err = errors.Join(err, file.Close()); err != nil {
		return tree.Checkpoint{}, err
	}
	c, err := tree.Unsigned(text)
	if err != nil || c.Origin != origin {
		return tree.Checkpoint{}, fmt.Errorf("%s is not a checkpoint of %s: put it back as it was", s.file(origin), origin)
	}
	return c, nil
}

// keep makes a checkpoint the newest of its log. It is on the disk when keep returns; a crash leaves this one or the one before.
func (s *State) keep(origin string, note []byte) error {
	return writeDurably(s.file(origin), note, s.step)
}

// settle makes sure that what last returned is on the disk: a process that was killed, or a disk that failed, may have left the name
// of a newer file in memory alone.
func (s *State) settle() error { return syncFolder(s.folder, s.step) }

// WriteDurably replaces a file by one with this content, which is on the disk when it returns.
func WriteDurably(path string, content []byte) error {
	return writeDurably(path, content, func(string) {})
}

// writeDurably calls before with each of its steps.
func writeDurably(path string, content []byte, before func(step string)) error {
	before("open")
	next, err := os.OpenFile(path+".next", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	before("write")
	_, err = next.Write(content)
	if err == nil {
		before("sync")
		err = next.Sync()
	}
	if err = errors.Join(err, next.Close()); err != nil {
		return err
	}
	before("rename")
	if err := os.Rename(path+".next", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path), before)
}

func syncFolder(name string, before func(step string)) error {
	before("sync the folder")
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
