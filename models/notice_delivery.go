package models

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How notices are sent. Attempts of one notice lie further and further apart.
const (
	noticeLease     = 5 * time.Minute // longer than any attempt takes; after it another process tries
	noticeBackOff   = time.Minute     // after the first attempt; twice as long after each further one
	noticeBackOffTo = 6 * time.Hour
)

// How many notices of what strangers can cause an account is told, in each channel. What
// is more is put off, and dropped when it is of no use any more.
const (
	strangersNoticePause  = time.Hour
	strangersNoticesDaily = 5
)

// DueNotice is a notice that the caller alone sends now, with what it says.
type DueNotice struct {
	Notice
	Contact string // the account's, as it is now, may be ""; of NoticeContactChanged the one from before
	// Language is the account's (BCP 47), "" for the deployment's.
	Language string
	Request  RequestView
	Binding  Binding // zero where there is none
	Counter  Counter // where it was decided; zero before that, and when nobody at a counter decided
	Waiting  int     // requests that wait for the account now
	Link     string  // token of the link that says "it was not me"; "" where there is nothing to end
}

// NextNotice takes a notice that is due, for the caller to send: of the lowest turn, the one that has been due for
// longest. Until SentNotice, FailedNotice or five minutes, nobody else gets it. false: none is due. What nobody is to
// be told any more is put away on the way. Notices of the channels in except are left alone.
func (s *Store) NextNotice(ctx context.Context, except ...Channel) (DueNotice, bool, error) {
	return s.nextNotice(ctx, turns(), except)
}

// NextSecurityNotice is NextNotice for a sender that waits for nothing but what happened to an account.
func (s *Store) NextSecurityNotice(ctx context.Context, except ...Channel) (DueNotice, bool, error) {
	return s.nextNotice(ctx, []int{turnSecurity}, except)
}

func (s *Store) nextNotice(ctx context.Context, turns []int, except []Channel) (DueNotice, bool, error) {
	channels := slices.DeleteFunc(slices.Clone(s.policy.NoticeChannels), func(c Channel) bool { return slices.Contains(except, c) })
	for {
		due, err := s.noticeIsDue(ctx, turns, channels)
		if err != nil || !due {
			return DueNotice{}, false, err
		}
		var notice Notice
		var send bool
		err = s.write(ctx, func(tx *tx) (err error) {
			notice, send, err = tx.claimNotice(turns, channels)
			return err
		})
		switch {
		case err != nil:
			return DueNotice{}, false, err
		case notice.ID == "": // another process was faster
			return DueNotice{}, false, nil
		case send:
			full, err := s.dueNotice(ctx, notice)
			return full, err == nil, err
		}
	}
}

// noticeIsDue looks without writing, so that a server with nothing to tell writes nothing.
func (s *Store) noticeIsDue(ctx context.Context, turns []int, channels []Channel) (bool, error) {
	row, err := s.reader(ctx).dueNotice(s.reading(ctx), turns, channels)
	return row.ID != "", err
}

// dueNotice finds the row that is next, an empty one when none is due: of channels that this process has, since a
// command writes for all that there are. Each turn and channel is asked for by itself, so that each is one step along the
// index, however many wait for a channel that nobody has.
func (t *tx) dueNotice(db *gorm.DB, turns []int, channels []Channel) (row Notice, err error) {
	for _, turn := range turns {
		for _, channel := range channels {
			var first Notice
			err = db.Session(&gorm.Session{}).Where("outcome = '' AND channel = ? AND turn = ? AND next_try_at <= ?", channel, turn, t.now).
				Order("next_try_at, id").Limit(1).Find(&first).Error
			if err != nil {
				return Notice{}, err
			}
			if first.ID != "" && (row.ID == "" || first.NextTryAt < row.NextTryAt) {
				row = first
			}
		}
		if row.ID != "" {
			break
		}
	}
	return row, nil
}

// claimNotice takes the next row and decides what becomes of it: sent now, put off, or
// put away.
func (t *tx) claimNotice(turns []int, channels []Channel) (notice Notice, send bool, err error) {
	query := t.DB
	if t.Dialector.Name() == "postgres" {
		query = query.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
	}
	notice, err = t.dueNotice(query, turns, channels)
	if err != nil || notice.ID == "" {
		return notice, false, err
	}
	of, err := t.noticeOf(notice)
	if err != nil {
		return notice, false, err
	}
	late := t.now >= notice.UsefulUntil
	if !of && (notice.Attempts == 0 || !late) { // put off until it was of no use: nothing failed
		return notice, false, t.endNotice(notice, noticeDropped)
	}
	if late {
		return notice, false, t.giveUp(notice)
	}
	later, err := t.putOff(notice)
	if err != nil {
		return notice, false, err
	}
	if later > 0 {
		return notice, false, t.setNotice(notice, map[string]any{"next_try_at": later})
	}
	claimed := map[string]any{"attempts": notice.Attempts + 1, "next_try_at": t.now.Add(noticeLease)}
	err = t.setNotice(notice, claimed)
	notice.Attempts++
	return notice, err == nil, err
}

// noticeOf reports whether there is still somebody to tell, and something.
func (t *tx) noticeOf(notice Notice) (bool, error) {
	if notice.AccountID == nil {
		return false, nil
	}
	if notice.Occasion == NoticeContactChanged {
		return true, nil
	}
	if notice.Channel == ChannelMail {
		var account Account
		if err := t.Where("id = ?", notice.AccountID).First(&account).Error; err != nil || account.Contact == "" {
			return false, notFound(err)
		}
	}
	var d DeviceAuthorization
	if err := t.Where("id = ?", notice.DeviceAuthorizationID).First(&d).Error; err != nil {
		return false, notFound(err)
	}
	if err := t.obeyRules(&d); err != nil {
		return false, err
	}
	phase := d.PhaseAt(t.now)
	switch notice.Occasion {
	case NoticeRequested, NoticePendingDeadline:
		return phase.Open(), nil
	case NoticeRedemptionDeadline:
		return phase.Is(Approved), nil
	case NoticeBindingDeadline:
		return t.standing(d.ID)
	}
	return true, nil
}

// putOff is when a notice that strangers can cause may be sent, 0 for now: one an hour and
// five a day, so that nobody's mailbox is flooded by naming them. One that was tried
// already has its place.
func (t *tx) putOff(notice Notice) (Instant, error) {
	if !notice.Occasion.isOneOf(byStrangers()) || notice.Attempts > 0 {
		return 0, nil
	}
	if err := t.oneAtATime("notices " + *notice.AccountID); err != nil {
		return 0, err
	}
	const daily = 24 * time.Hour
	var told []Instant
	err := t.Model(&NoticeTold{}).Where("account_id = ? AND channel = ? AND told_at > ?", notice.AccountID, notice.Channel, t.now.Add(-daily)).
		Order("told_at DESC").Limit(strangersNoticesDaily).Pluck("told_at", &told).Error
	if err != nil {
		return 0, err
	}
	later := Instant(0)
	if len(told) > 0 {
		later = told[0].Add(strangersNoticePause)
	}
	if len(told) == strangersNoticesDaily {
		later = max(later, told[len(told)-1].Add(daily))
	}
	if later > t.now {
		return later, nil
	}
	return 0, t.Create(&NoticeTold{NoticeID: notice.ID, AccountID: *notice.AccountID, Channel: notice.Channel, ToldAt: t.now}).Error
}

// dueNotice reads what a notice says.
func (s *Store) dueNotice(ctx context.Context, notice Notice) (DueNotice, error) {
	var account Account
	err := s.reading(ctx).Where("id = ?", notice.AccountID).First(&account).Error
	if err != nil {
		return DueNotice{}, notFound(err)
	}
	due := DueNotice{Notice: notice, Contact: account.Contact, Language: account.Language}
	if notice.Occasion == NoticeContactChanged {
		due.Contact, err = s.formerContact(notice)
		return due, err
	}
	if due.Request, err = s.Request(ctx, deref(notice.DeviceAuthorizationID)); err != nil {
		return due, err
	}
	if due.Binding, err = s.BindingOf(ctx, due.Request.ID); err != nil && !errors.Is(err, ErrNotFound) {
		return due, err
	}
	if due.Request.DecidedCounterID != nil {
		if due.Counter, err = s.Counter(ctx, *due.Request.DecidedCounterID); err != nil {
			return due, err
		}
	}
	if notice.Occasion.CanRepudiate() {
		due.Link = s.repudiationToken(notice.ID)
	}
	due.Waiting, err = s.Waiting(ctx, account.ID)
	return due, err
}

// SentNotice records that a notice which NextNotice gave was sent. Somebody else's by now
// is left alone.
func (s *Store) SentNotice(ctx context.Context, notice Notice) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.stillMine(tx.endNotice(notice, noticeSent), func() error { return tx.recordNotice(audit.NoticeSent, notice) })
	})
}

// FailedNotice puts the next attempt off, longer each time. When nothing will help any
// more (final), or it would come too late, the notice is given up, which is an event.
func (s *Store) FailedNotice(ctx context.Context, notice Notice, final bool) error {
	return s.write(ctx, func(tx *tx) error {
		wait, err := backOff(s.rand, notice.Attempts)
		if err != nil {
			return err
		}
		next := tx.now.Add(wait)
		if final || next >= notice.UsefulUntil {
			return tx.stillMine(tx.giveUp(notice), nil)
		}
		return tx.stillMine(tx.setNotice(notice, map[string]any{"next_try_at": next}), nil)
	})
}

// backOff doubles from a minute to six hours, with a quarter of jitter either way.
func backOff(source io.Reader, attempts int) (time.Duration, error) {
	wait := min(noticeBackOff<<min(attempts-1, 16), noticeBackOffTo)
	jitter, err := rand.Int(source, big.NewInt(int64(wait/2)))
	if err != nil {
		return 0, fmt.Errorf("jitter: %w", err)
	}
	return wait*3/4 + time.Duration(jitter.Int64()), nil
}

// errNotMine says that the lease of a notice ended, and another process has it.
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

func (t *tx) giveUp(notice Notice) error {
	if err := t.endNotice(notice, noticeFailed); err != nil || notice.AccountID == nil {
		return err
	}
	return t.recordNotice(audit.NoticeFailed, notice)
}

func (t *tx) endNotice(notice Notice, outcome string) error {
	return t.setNotice(notice, map[string]any{"outcome": outcome, "done_at": t.now, "former_contact": ""})
}

// setNotice changes a notice as long as nobody else has tried it since. Error: errNotMine.
func (t *tx) setNotice(notice Notice, set map[string]any) error {
	result := t.Model(&Notice{}).Where("id = ? AND outcome = '' AND attempts = ?", notice.ID, notice.Attempts).Updates(set)
	if result.Error == nil && result.RowsAffected == 0 {
		return errNotMine
	}
	return result.Error
}

// recordNotice puts on record what became of a notice: which, of what, by which channel;
// never to whom in clear.
func (t *tx) recordNotice(happened audit.Type, notice Notice) error {
	request := deref(notice.DeviceAuthorizationID)
	_, err := t.record(audit.Event{Type: happened, Subject: deref(notice.AccountID), Transaction: request, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(notice.Channel)}, DeviceAuthorization: request, Reason: string(notice.Occasion),
	}})
	return err
}

// NoticeTold remembers for a day that an account was told of what strangers can cause.
type NoticeTold struct {
	NoticeID  string `gorm:"primaryKey"`
	AccountID string
	Channel   Channel
	ToldAt    Instant
}

// TableName keeps gorm from pluralising.
func (NoticeTold) TableName() string { return "notices_told" }
