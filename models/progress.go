package models

import (
	"context"
	"log/slog"
	"time"
)

// Progress hears how far a long work is: what of, in a few words, how much of it is done, and of how much; all is 0 where nobody
// knows. It is called after each step, and nothing depends on it.
type Progress func(what string, done, all int64)

// progressKey is that of a Progress in a context.
type progressKey struct{}

// Telling lets told hear of the long works of this package that are given the context: migrations, and tables that are made of
// events.
func Telling(ctx context.Context, told Progress) context.Context {
	return context.WithValue(ctx, progressKey{}, told)
}

// tell tells whoever the context has.
func tell(ctx context.Context, what string, done, all int64) {
	if told, is := ctx.Value(progressKey{}).(Progress); is {
		told(what, done, all)
	}
}

// LogPause is the time between two lines of LogProgress, and before the first: work that is over by then leaves none.
const LogPause = 30 * time.Second

// LogProgress tells a server's log. It is for one work after the other.
func LogProgress(log *slog.Logger, now func() time.Time) Progress {
	var pace Pace
	told := now()
	return func(what string, done, all int64) {
		at := now()
		rate, left := pace.Of(what, done, all, at)
		if at.Sub(told) < LogPause {
			return
		}
		told = at
		attributes := []any{"what", what, "done", done, "of", all}
		if rate > 0 {
			attributes = append(attributes, "per_second", int64(rate), "left", left.Round(time.Second))
		}
		log.Info("long work goes on", attributes...)
	}
}

// A pace is told from so many steps and so much time on. By fewer, one step that took long, or took nothing, stands for all: three
// migrations of twelve say nothing of the fourth.
const (
	paceSteps = 5
	paceTime  = 3 * time.Second
)

// Pace is how fast a work goes, from when it is asked first. The zero value is ready.
type Pace struct {
	what  string
	begun time.Time
	from  int64 // what was done by then
	last  int64 // what was done when it was asked last
	steps int   // that it was asked after and that did something
}

// Of is asked after each step. It returns how much is done in a second, and how long the rest takes; 0 as long as that cannot be
// told: of a handful of steps, within three seconds, or of an unknown whole. Another work begins anew.
func (p *Pace) Of(what string, done, all int64, now time.Time) (perSecond float64, left time.Duration) {
	if p.begun.IsZero() || what != p.what || done < p.from {
		*p = Pace{what: what, begun: now, from: done, last: done}
	}
	if done > p.last {
		p.last, p.steps = done, p.steps+1
	}
	took := now.Sub(p.begun)
	if took < paceTime || p.steps < paceSteps {
		return 0, 0
	}
	perSecond = float64(done-p.from) / took.Seconds()
	return perSecond, time.Duration(float64(max(0, all-done)) / perSecond * float64(time.Second))
}
