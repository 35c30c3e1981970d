package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"countersign/models"
)

const (
	progressWidth = 30               // of a bar
	progressLeast = 10               // of a bar on a narrow terminal; a shorter one says nothing
	progressPause = 10 * time.Second // between two lines, and before the first: what is done by then needs none
	progressBlink = time.Second      // between two looks of a bar that grows slowly
)

// progressMeter writes how far a work is, how fast, and how long the rest takes: as a bar where somebody looks at a terminal,
// elsewhere a line now and then. Work that is short writes no line. It is for one work after the other.
type progressMeter struct {
	out io.Writer
	now func() time.Time // nil: the system's clock

	what    string
	speed   models.Pace
	told    time.Time // when something was written last, or the work began
	percent int64     // that is drawn
	drawn   bool      // a bar stands on the line of the cursor
	columns int       // of the terminal at the last look, 0 where they are not known
	width   int       // of the bar in them: it shrinks as the line grows, and does not grow again with each shorter one
}

// meterOf is a meter for a work that begins now.
func meterOf(env *Environment) *progressMeter {
	return &progressMeter{out: env.Stderr, now: env.Now, told: env.Now()}
}

// tell says that so much of all of something is done. A total of 0 is not known.
func (m *progressMeter) tell(done, total int64, what string) {
	now := m.moment()
	if what != m.what {
		m.end()
		m.what, m.percent, m.width = what, -1, progressWidth
	}
	if m.told.IsZero() {
		m.told = now
	}
	rate, left := m.pace(done, total, now)
	if isTerminal(m.out) {
		m.draw(done, total, rate, left, now)
		return
	}
	if now.Sub(m.told) < progressPause {
		return
	}
	m.told = now
	text := fmt.Sprintf("%d %s", done, what)
	if total > 0 {
		text = fmt.Sprintf("%d of %d %s, %d %%", done, total, what, percentOf(done, total))
	}
	_, _ = fmt.Fprintln(m.out, text+rate+left)
}

// hear is tell, for models.Telling.
func (m *progressMeter) hear(what string, done, all int64) { m.tell(done, all, what) }

func percentOf(done, total int64) int64 { return min(100, 100*done/max(1, total)) }

func (m *progressMeter) moment() time.Time {
	if m.now == nil {
		return time.Now()
	}
	return m.now()
}

// pace says how much is done in a second, and when the rest will be, each behind its comma; "" before that can be told.
func (m *progressMeter) pace(done, total int64, now time.Time) (rate, left string) {
	perSecond, rest := m.speed.Of(m.what, done, total, now)
	rate = fmt.Sprintf(", %.0f a second", perSecond)
	switch {
	case perSecond == 0:
		return "", ""
	case perSecond < 10:
		rate = fmt.Sprintf(", %.1f a second", perSecond)
	}
	if done >= total {
		return rate, ""
	}
	return rate, ", " + roughly(rest) + " left"
}

// roughly is a length of time in one or two units.
func roughly(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// draw draws the bar over the one before, at most once in progressBlink but for the last one, and not within the first. Of an
// unknown whole it draws how much is done.
func (m *progressMeter) draw(done, total int64, rate, left string, now time.Time) {
	percent, over := percentOf(done, total), total > 0 && done >= total
	if over && m.percent == 100 || now.Sub(m.told) < progressBlink && !(over && m.drawn) {
		return
	}
	m.told, m.percent, m.drawn = now, percent, true
	const clearRest = "\x1b[K" // of the line: what stood there may have been longer
	if columns := terminalColumns(m.out); columns != m.columns {
		m.columns, m.width = columns, progressWidth
	}
	text := fitting(m.columns, fmt.Sprintf("%d %s", done, m.what), rate, left)
	if total > 0 {
		text = m.barred(percent, fitting(m.columns, fmt.Sprintf("%3d %% of %s", percent, m.what), rate, left))
	}
	_, _ = fmt.Fprintf(m.out, "\r%s%s", text, clearRest)
	if over {
		m.end()
	}
}

// fitting is what stays on one line of a terminal of so many columns, 0 where they are not known: without the rate, or cut, where
// all of it is longer. The last column stays free: a terminal may go on to the next line once that is written.
func fitting(columns int, text, rate, left string) string {
	most := columns - 1
	if columns <= 0 || len(text+rate+left) <= most {
		return text + rate + left
	}
	text += left
	return text[:min(len(text), most)]
}

// barred puts a bar before a line, as long as there is room for, or none.
func (m *progressMeter) barred(percent int64, line string) string {
	if m.columns > 0 {
		m.width = min(m.width, m.columns-1-len("[] ")-len(line))
	}
	if m.width < progressLeast {
		return line
	}
	full := m.width * int(percent) / 100
	return "[" + strings.Repeat("#", full) + strings.Repeat(" ", m.width-full) + "] " + line
}

// full fills the bar that is drawn, if there is one: the work is done, to whatever its last step came.
func (m *progressMeter) full() {
	if m.drawn {
		m.draw(1, 1, "", "", m.moment())
	}
}

// end goes to the next line where a bar stands that is not full: what is written next is not about it.
func (m *progressMeter) end() {
	if m.drawn {
		_, _ = fmt.Fprintln(m.out)
	}
	m.drawn = false
}
