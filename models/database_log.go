package models

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// faultLog is gorm's log without what is answered: a duplicate is a refusal with a name
// of its own, a conflict between two writers is tried again, an outage is told once by its
// name, and a caller that has gone wants no answer. Faults and slow statements are logged; the error comes back to the
// caller in any case. Values are never logged, they are personal data.
type faultLog struct {
	logger.Interface
	all     bool     // every statement is logged: a test wants it
	tracing *Tracing // nil: nobody is told of statements
}

func newFaultLog(log *slog.Logger) logger.Interface {
	quietRecorder()
	return faultLog{Interface: logger.NewSlogLogger(log, logger.Config{
		LogLevel:                  logger.Warn,
		SlowThreshold:             slow,
		ParameterizedQueries:      true,
		IgnoreRecordNotFoundError: true,
	})}
}

// slow is how long a statement takes that is logged for that alone.
const slow = time.Second

// LogMode is part of logger.Interface.
func (l faultLog) LogMode(level logger.LogLevel) logger.Interface {
	return faultLog{l.Interface.LogMode(level), level >= logger.Info, l.tracing}
}

// Trace is part of logger.Interface. What is not to be logged ends here: gorm would write it out first.
func (l faultLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	if l.tracing.recording(ctx) {
		text, _ := statement()
		l.tracing.statement(ctx, begin, text, err)
	}
	// gorm gives the driver's own error where it asks for rows.
	if _, outage := errors.AsType[*UnavailableError](unavailable(err, "")); outage || errors.Is(err, context.DeadlineExceeded) {
		return // an outage is told once, and how long one waited for it is no slow statement; what came too late is told by who asked
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, context.Canceled) {
		err = nil
	}
	if !l.all && (err == nil || errors.Is(err, gorm.ErrRecordNotFound)) && time.Since(begin) <= slow { //nolint:forbidigo // see beginning
		return
	}
	l.Interface.Trace(ctx, begin, statement, err)
}

// ParamsFilter is gorm.ParamsFilter: statements are logged without their values.
func (l faultLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// quietRecorder keeps values out of gorm's recorder, which Scan puts in the place of the
// log and which asks no log's filter. gorm has one recorder for the whole process.
var quietRecorder = sync.OnceFunc(func() {
	logger.RecorderParamsFilter = faultLog{}.ParamsFilter
})
