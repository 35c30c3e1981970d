//go:build !linux

package main

import "io"

// terminalColumns is not known here.
func terminalColumns(io.Writer) int { return 0 }
