package models

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"
	"unicode"

	"countersign/audit"
	"countersign/audit/term"
)

// How attempts follow each other (docs/decisions/0072-mail-and-webhooks.md).
const (
	noticeBackOff   = time.Minute // after the first attempt; twice as long after each further one
	noticeBackOffTo = 6 * time.Hour

	// noticeTriedFor is how long a notice is tried, where it is of use for so long (RFC 5321 §4.5.4.1).
	noticeTriedFor = 5 * 24 * time.Hour

	// A mail that was sent whole, and was neither taken nor refused, may have come. It is tried again, under the same Message-ID,
	// until that has happened so often.
	mostUnsure    = 4
	unsureBackOff = 30 * time.Minute // after the first such attempt; four times as long after each further one
)

// ClaimOf is for how long a message that was taken to be sent by a channel is nobody else's. It is longer than any attempt:
// the steps of RFC 5321 §4.5.3.2 come to 40 minutes.
func ClaimOf(channel Channel) time.Duration {
	if channel == ChannelMail {
		return 45 * time.Minute
	}
	return 5 * time.Minute
}

// FailedAttempt is what became of an attempt that did not work. At most one of the last three is set.
type FailedAttempt struct {
	Answer  string // for administrators: no address of a person, nothing that a server said but codes; what is long is cut
	Address bool   // the contact is no address that the channel can use
	Refused bool   // for good
	Unsure  bool   // the message was sent whole, and no answer came
}

// answerKept is in bytes.
const answerKept = 200

// final returns why no further attempt is made of a notice whose next one would be at a moment. false: one is made.
func (f FailedAttempt) final(notice Notice, next Instant) (term.Undelivered, bool) {
	switch {
	case f.Address:
		return term.UndeliveredAddress, true
	case f.Refused:
		return term.UndeliveredRefused, true
	case f.Unsure && notice.Unsure+1 >= mostUnsure:
		return term.UndeliveredUnsure, true
	}
	return term.UndeliveredLate, next >= notice.triedUntil()
}

// tries are the attempts since the notice was written, or since somebody had it sent again.
func (n Notice) tries() int { return n.Attempts - n.AttemptsBefore }

// triedUntil is when no further attempt is made.
func (n Notice) triedUntil() Instant {
	return min(n.UsefulUntil, max(n.CreatedAt, n.AgainAt).Add(noticeTriedFor))
}

// SentNotice records that a notice which NextNotice gave was sent. Somebody else's by now is left alone.
func (s *Store) SentNotice(ctx context.Context, notice Notice) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.stillMine(tx.endNotice(notice, noticeSent), func() error { return tx.recordNotice(audit.NoticeSent, notice) })
	})
}

// FailedNotice puts the next attempt off, longer each time. When nothing will help any more, or it would come too late, the
// notice is given up, which is an event: it tells why, and true.
func (s *Store) FailedNotice(ctx context.Context, notice Notice, failed FailedAttempt) (cause term.Undelivered, givenUp bool, err error) {
	err = s.write(ctx, func(tx *tx) error {
		wait, err := nextWait(s.rand, notice, failed)
		if err != nil {
			return err
		}
		next := tx.now.Add(wait)
		if cause, givenUp = failed.final(notice, next); givenUp {
			err = tx.giveUp(notice, cause, failed.Answer)
			givenUp = err == nil
			return tx.stillMine(err, nil)
		}
		set := map[string]any{"next_try_at": next, "claimed_at": 0, "answer": cut(failed.Answer, answerKept)}
		if failed.Unsure {
			set["unsure"] = notice.Unsure + 1
		}
		return tx.stillMine(tx.setNotice(notice, set), nil)
	})
	return cause, givenUp && err == nil, err
}

// ReturnNotice gives back a notice that NextNotice gave and that was not sent: it is due again at once, for another process.
func (s *Store) ReturnNotice(ctx context.Context, notice Notice) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.stillMine(tx.setNotice(notice, map[string]any{"next_try_at": tx.now, "claimed_at": 0}), nil)
	})
}

// nextWait doubles from a minute to six hours. It is longer from the start where the mail may have come.
func nextWait(source io.Reader, notice Notice, failed FailedAttempt) (time.Duration, error) {
	wait := min(noticeBackOff<<min(max(notice.tries()-1, 0), 16), noticeBackOffTo)
	if failed.Unsure {
		wait = max(wait, unsureBackOff<<(2*min(notice.Unsure, mostUnsure)))
	}
	return jittered(source, wait)
}

// jittered is a quarter more or less.
func jittered(source io.Reader, wait time.Duration) (time.Duration, error) {
	jitter, err := rand.Int(source, big.NewInt(int64(wait/2)))
	if err != nil {
		return 0, fmt.Errorf("jitter: %w", err)
	}
	return wait*3/4 + time.Duration(jitter.Int64()), nil
}

// errNotMine says that the claim of a notice ended, and another process has it.
var errNotMine = errors.New("another process has this notice by now")

// stillMine runs then unless the notice is another process's.
func (t *tx) stillMine(err error, then func() error) error {
	if errors.Is(err, errNotMine) {
		return nil
	}
	if err != nil || then == nil {
		return err
	}
	return then()
}

// giveUp keeps why, and the last answer. "" leaves the one from before.
func (t *tx) giveUp(notice Notice, cause term.Undelivered, answer string) error {
	set := map[string]any{"outcome": noticeFailed, "done_at": t.now, "former_contact": "", "cause": cause, "unsure": notice.Unsure}
	if answer != "" {
		set["answer"] = cut(answer, answerKept)
	}
	if err := t.setNotice(notice, set); err != nil || notice.AccountID == nil {
		return err
	}
	return t.recordNotice(audit.NoticeFailed, notice)
}

// cut keeps what can be printed: names in a certificate are the other side's, and the answer is shown on a terminal.
func cut(text string, bytes int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	return strings.ToValidUTF8(text[:min(len(text), bytes)], "")
}

func (t *tx) endNotice(notice Notice, outcome string) error {
	return t.setNotice(notice, map[string]any{"outcome": outcome, "done_at": t.now, "former_contact": ""})
}

func (t *tx) setNotice(notice Notice, set map[string]any) error {
	return t.setNoticeIn("", notice, set)
}

// setNoticeIn changes a notice that still has this outcome, and that nobody else has tried. Error: errNotMine.
func (t *tx) setNoticeIn(outcome string, notice Notice, set map[string]any) error {
	result := t.Model(&Notice{}).Where("id = ? AND outcome = ? AND attempts = ?", notice.ID, outcome, notice.Attempts).Updates(set)
	if result.Error == nil && result.RowsAffected == 0 {
		return errNotMine
	}
	return result.Error
}
