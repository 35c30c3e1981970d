package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// terminalColumns is how wide a terminal is now (TIOCGWINSZ, ioctl_tty(2)), 0 where that is not known. Its window may change at
// any time, so that it is asked before each line.
func terminalColumns(w io.Writer) int {
	file, is := w.(*os.File)
	if !is {
		return 0
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return 0
	}
	columns := 0
	_ = raw.Control(func(descriptor uintptr) {
		if size, err := unix.IoctlGetWinsize(int(descriptor), unix.TIOCGWINSZ); err == nil {
			columns = int(size.Col)
		}
	})
	return columns
}
