//go:build unix

package deviceclient

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock keeps other processes from using the same state, until the returned
// function is called or the process ends. Two phones with one device code would
// look like a theft to the server. It does not wait.
func (f FileState) Lock() (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(f.Path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s is in use by another process: stop that one, or use another file", f.Path)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return lock.Close, nil
}
