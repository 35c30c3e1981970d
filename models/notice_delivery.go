package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
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
// longest. Until SentNotice, FailedNotice, ReturnNotice or the end of the claim (ClaimOf), nobody else gets it. false: none is
// due. What nobody is to be told any more is put away on the way. Without channels it is of any that this server has.
func (s *Store) NextNotice(ctx context.Context, channels ...Channel) (DueNotice, bool, error) {
	return s.nextNotice(ctx, turns(), channels)
}

// NextSecurityNotice is NextNotice for a sender that waits for nothing but what happened to an account.
func (s *Store) NextSecurityNotice(ctx context.Context, channels ...Channel) (DueNotice, bool, error) {
	return s.nextNotice(ctx, []int{turnSecurity}, channels)
}

func (s *Store) nextNotice(ctx context.Context, turns []int, channels []Channel) (DueNotice, bool, error) {
	if len(channels) == 0 {
		channels = s.policy.NoticeChannels
	}
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
			if err != nil {
				err = errors.Join(err, s.unread(ctx, notice))
			}
			return full, err == nil, err
		}
	}
}

// unread gives back a notice of which it could not be read what it says. Where that is not for the end of the process, it waits
// its time: others that are due go first.
func (s *Store) unread(ctx context.Context, notice Notice) error {
	if ctx.Err() != nil {
		return s.ReturnNotice(context.WithoutCancel(ctx), notice)
	}
	_, _, err := s.FailedNotice(ctx, notice, FailedAttempt{Answer: "what it says could not be read"})
	return err
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
	brokenOff := notice.ClaimedAt > 0 && notice.Channel == ChannelMail // nobody knows whether that mail was taken
	if brokenOff {
		notice.Unsure++
	}
	late := t.now >= notice.UsefulUntil || notice.tries() > 0 && t.now >= notice.triedUntil()
	switch {
	case !of && (notice.tries() == 0 || !late): // put off until it was of no use: nothing failed
		return notice, false, t.endNotice(notice, noticeDropped)
	case brokenOff && notice.Unsure >= mostUnsure:
		return notice, false, t.giveUp(notice, term.UndeliveredUnsure, "")
	case late:
		return notice, false, t.giveUp(notice, term.UndeliveredLate, "")
	}
	later, err := t.putOff(notice)
	if err != nil {
		return notice, false, err
	}
	if later > 0 {
		return notice, false, t.setNotice(notice, map[string]any{"next_try_at": later})
	}
	err = t.setNotice(notice, map[string]any{
		"attempts": notice.Attempts + 1, "unsure": notice.Unsure, "claimed_at": t.now, "next_try_at": t.now.Add(ClaimOf(notice.Channel)),
	})
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
// already has its place, until somebody has it sent again: a mailbox that was full a week gets no week's notices at once.
func (t *tx) putOff(notice Notice) (Instant, error) {
	if !notice.Occasion.isOneOf(byStrangers()) || notice.tries() > 0 {
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
