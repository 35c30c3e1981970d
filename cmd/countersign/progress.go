package main

import (
	"fmt"
	"io"
	"strings"
)

const progressWidth = 30 // of a bar

// progressMeter writes how far a work is: as a bar where somebody looks at a terminal, elsewhere a line at each tenth.
type progressMeter struct {
	out    io.Writer
	tenths int64
	drawn  int64 // percent
}

func (m *progressMeter) tell(done, total int64, what string) {
	if total == 0 {
		return
	}
	if isTerminal(m.out) {
		m.draw(100 * done / total)
		return
	}
	if tenths := 10 * done / total; tenths > m.tenths {
		m.tenths = tenths
		_, _ = fmt.Fprintf(m.out, "%d of %d %s\n", done, total, what)
	}
}

// draw draws the bar over the one before, and goes to the next line when it is full.
func (m *progressMeter) draw(percent int64) {
	if percent == m.drawn {
		return
	}
	m.drawn = percent
	full := int(progressWidth * percent / 100)
	_, _ = fmt.Fprintf(m.out, "\r[%s%s] %3d %%", strings.Repeat("#", full), strings.Repeat(" ", progressWidth-full), percent)
	if percent == 100 {
		_, _ = fmt.Fprintln(m.out)
	}
}
