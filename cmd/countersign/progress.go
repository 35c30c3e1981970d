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
		m.what, m.percent = what, -1
	}
	if m.told.IsZero() {
		m.told = now
	}
	pace := m.pace(done, total, now)
	if isTerminal(m.out) {
		m.draw(done, total, pace, now)
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
	_, _ = fmt.Fprintln(m.out, text+pace)
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

// pace says how much is done in a second, and when the rest will be; "" before that can be told.
func (m *progressMeter) pace(done, total int64, now time.Time) string {
	rate, left := m.speed.Of(m.what, done, total, now)
	text := fmt.Sprintf(", %.0f a second", rate)
	switch {
	case rate == 0:
		return ""
	case rate < 10:
		text = fmt.Sprintf(", %.1f a second", rate)
	}
	if done >= total {
		return text
	}
	return text + ", " + roughly(left) + " left"
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
func (m *progressMeter) draw(done, total int64, pace string, now time.Time) {
	percent, over := percentOf(done, total), total > 0 && done >= total
	if over && m.percent == 100 || now.Sub(m.told) < progressBlink && !(over && m.drawn) {
		return
	}
	m.told, m.percent, m.drawn = now, percent, true
	const clearRest = "\x1b[K" // of the line: what stood there may have been longer
	text := fmt.Sprintf("%d", done)
	if total > 0 {
		full := int(progressWidth * percent / 100)
		text = fmt.Sprintf("[%s%s] %3d %% of", strings.Repeat("#", full), strings.Repeat(" ", progressWidth-full), percent)
	}
	_, _ = fmt.Fprintf(m.out, "\r%s %s%s%s", text, m.what, pace, clearRest)
	if over {
		m.end()
	}
}

// full fills the bar that is drawn, if there is one: the work is done, to whatever its last step came.
func (m *progressMeter) full() {
	if m.drawn {
		m.tell(1, 1, m.what)
	}
}

// end goes to the next line where a bar stands that is not full: what is written next is not about it.
func (m *progressMeter) end() {
	if m.drawn {
		_, _ = fmt.Fprintln(m.out)
	}
	m.drawn = false
}
