package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the lock of an open file (flock(2)), or fails where another has it. It goes with the file's last descriptor, however
// the process ends. SQLite's own locks are of another kind.
func lockFile(file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(descriptor uintptr) { refused = unix.Flock(int(descriptor), unix.LOCK_EX|unix.LOCK_NB) })
	if err != nil {
		return err
	}
	return refused
}
