package deviceclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// FileState keeps a State in one file that only its owner can read.
type FileState struct{ Path string }

// Load reads the file; a file that is not there is a zero State. A file that
// others can read is refused, since its key may be known.
func (f FileState) Load() (State, error) {
	file, err := os.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("reading the phone's state: %w", err)
	}
	defer file.Close()
	if err := f.checkMode(file); err != nil {
		return State{}, err
	}
	text, err := io.ReadAll(io.LimitReader(file, longestBody))
	if err != nil {
		return State{}, fmt.Errorf("reading the phone's state: %w", err)
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		return State{}, fmt.Errorf("%s is not the state of a phone: remove it and start again", f.Path)
	}
	return state, nil
}

func (f FileState) checkMode(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading the phone's state: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s holds a private key and others can read it: chmod 600 %s", f.Path, f.Path)
	}
	return nil
}

// Save replaces the file in one step: after a crash it holds the old state or
// the new one, never half of one. It makes the folder (0700) when it is missing.
func (f FileState) Save(state State) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	folder := filepath.Dir(f.Path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(folder, ".phone-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // fails after the rename, as it should
	if err := writeAndSync(temporary, append(text, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	if err := os.Rename(temporary.Name(), f.Path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func writeAndSync(file *os.File, text []byte) error {
	_, err := file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder makes the rename itself durable, where folders can be synced.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
