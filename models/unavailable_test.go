package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// What a database says of its own trouble is one of a few outages; what a statement did
// wrong stays a fault, and what its caller did stays the caller's.
func TestOutages(t *testing.T) {
	pg := func(code string) error { return &pgconn.PgError{Code: code} }
	for _, test := range []struct {
		err  error
		want Outage
	}{
		{sqlite3.Error{Code: sqlite3.ErrBusy}, Busy},
		{sqlite3.Error{Code: sqlite3.ErrLocked}, Busy},
		{sqlite3.Error{Code: sqlite3.ErrFull}, Full},
		{sqlite3.Error{Code: sqlite3.ErrReadonly}, ReadOnly},
		{sqlite3.Error{Code: sqlite3.ErrIoErr}, Failing},
		{sqlite3.Error{Code: sqlite3.ErrCantOpen}, Unreachable},
		{sqlite3.Error{Code: sqlite3.ErrCorrupt}, Damaged}, {sqlite3.Error{Code: sqlite3.ErrNotADB}, NoDatabase},
		{pg("42P05"), Unprepared}, {pg("26000"), Unprepared},
		{sqlite3.Error{Code: sqlite3.ErrConstraint}, ""},
		{sqlite3.Error{Code: sqlite3.ErrError}, ""},
		{pg("55P03"), Busy}, {pg("40001"), Busy}, {pg("40P01"), Busy},
		{pg("53100"), Full}, {pg("53300"), Unreachable}, {pg("57P01"), Unreachable}, {pg("57P03"), Unreachable}, {pg("08006"), Unreachable},
		{pg("25006"), ReadOnly}, {pg("42501"), NotAllowed}, {pg("58030"), Failing},
		{pg("42P01"), ""}, {pg("23505"), ""}, {pg("22001"), ""}, {pg(""), ""},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, Unreachable},
		{io.ErrUnexpectedEOF, Unreachable},
		{context.Canceled, ""}, {context.DeadlineExceeded, ""}, {errors.New("else"), ""},
	} {
		err := unavailable(fmt.Errorf("wrapped: %w", test.err), "")
		outage, is := errors.AsType[*UnavailableError](err)
		if is != (test.want != "") || is && outage.Outage != test.want {
			t.Errorf("%v: %v, want %q", test.err, err, test.want)
		}
		if is && (outage.RetryAfter() < time.Second || outage.RetryAfter()%time.Second != 0) {
			t.Errorf("%v: wait %s", test.err, outage.RetryAfter())
		}
		if !errors.Is(err, test.err) && !is {
			t.Errorf("%v is lost: %v", test.err, err)
		}
	}
}
