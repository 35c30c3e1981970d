package models

import (
	"cmp"
	"context"
	"math"
	"slices"

	"countersign/audit"
	"countersign/audit/term"
)

// Notices that were given up wait for an administrator, until they are sent again or put aside, or a sweep takes them as it takes
// those that were sent (docs/decisions/0072-mail-and-webhooks.md).

const (
	undeliveredPage = 50

	// An act on many is done a part at a time: the rows and the event of a part are one transaction. What one call leaves, the next does.
	undeliveredTogether = 250
	undeliveredAtOnce   = 5000
)

// UndeliveredGroup are the notices of one channel that were given up for one cause.
type UndeliveredGroup struct {
	Channel Channel
	Cause   term.Undelivered
	Count   int     // MeasuredTo or fewer
	Since   Instant // when the first was given up
}

// waitsUndelivered is the condition of the index notices_undelivered.
const waitsUndelivered = "outcome = 'failed' AND set_aside_at = 0"

// undeliveredCount is asked for one group at a time, each of which is a part of the index.
const undeliveredCount = `SELECT count(*), coalesce(min(done_at), 0) FROM (SELECT done_at FROM notices
	WHERE ` + waitsUndelivered + ` AND channel = $1 AND cause = $2 ORDER BY done_at, id LIMIT $3) AS counted`

// UndeliveredGroups are those of which there is one at least, by channel.
func (s *Store) UndeliveredGroups(ctx context.Context) (groups []UndeliveredGroup, err error) {
	tx := s.reader(ctx)
	for _, channel := range Channels() {
		for _, cause := range term.Undelivereds() {
			group, err := tx.undelivered(channel, cause, MeasuredTo)
			if err != nil {
				return nil, err
			}
			if group.Count > 0 {
				groups = append(groups, group)
			}
		}
	}
	return groups, nil
}

// undelivered counts up to most.
func (t *tx) undelivered(channel Channel, cause term.Undelivered, most int) (UndeliveredGroup, error) {
	group := UndeliveredGroup{Channel: channel, Cause: cause}
	err := t.ask(undeliveredCount, []any{channel, cause, most}, &group.Count, &group.Since)
	return group, err
}

// undeliveredWaiting counts all of them, up to OutboxCounted.
func (t *tx) undeliveredWaiting() (count int, err error) {
	for _, channel := range Channels() {
		for _, cause := range term.Undelivereds() {
			group, err := t.undelivered(channel, cause, OutboxCounted)
			if err != nil {
				return 0, err
			}
			count += group.Count
		}
	}
	return min(count, OutboxCounted), nil
}

// UndeliveredPlace is where a page of a group begins: after this notice. The zero value begins with the newest.
type UndeliveredPlace struct {
	DoneAt Instant
	ID     string
}

// UndeliveredNotices are a page of one group, the newest first. next is nil at the end.
func (s *Store) UndeliveredNotices(ctx context.Context, channel Channel, cause term.Undelivered, after UndeliveredPlace) (page []Notice,
	next *UndeliveredPlace, err error) {
	if after == (UndeliveredPlace{}) {
		after.DoneAt = math.MaxInt64
	}
	page, err = allOf[Notice](s.reader(ctx), "WHERE "+waitsUndelivered+
		" AND channel = $1 AND cause = $2 AND (done_at, id) < ($3, $4) ORDER BY done_at DESC, id DESC LIMIT $5",
		channel, cause, after.DoneAt, after.ID, undeliveredPage+1)
	if len(page) > undeliveredPage {
		page = page[:undeliveredPage]
		last := page[undeliveredPage-1]
		next = &UndeliveredPlace{last.DoneAt, last.ID}
	}
	return page, next, err
}

// UndeliveredChoice is one notice, or where ID is "" a group.
type UndeliveredChoice struct {
	ID      string
	Channel Channel
	Cause   term.Undelivered
	Until   Instant // of a group: those that were given up until then; zero: until now
}

// UndeliveredOutcome is what an act did.
type UndeliveredOutcome struct {
	Again int  // notices that are due again
	Aside int  // that were put aside: by an act that sends again, since they are out of date
	Left  bool // there may be more
}

// ResendNotices has notices sent again: they are due now, after what happens meanwhile. What is out of date is put aside instead: a
// request or a window that is over, a reminder, or one for a contact from before, which is not kept. Each part is an event. The session
// is an administrator's, "" is the command. Those of a channel that is not among Policy.NoticeChannels stay where they are: nobody would
// send them. Errors: *ChannelNotSetUpError, ErrNotFound, of one that is not given up (any more), ErrSessionEnded, ErrNotAllowed.
func (s *Store) ResendNotices(ctx context.Context, sessionID string, choice UndeliveredChoice) (UndeliveredOutcome, error) {
	if choice.ID == "" && !s.SendsBy(choice.Channel) {
		return UndeliveredOutcome{}, &ChannelNotSetUpError{choice.Channel}
	}
	return s.eachUndelivered(ctx, sessionID, choice, (*tx).resend)
}

// ChannelNotSetUpError says that no notice is sent by a channel any more.
type ChannelNotSetUpError struct{ Channel Channel }

func (e *ChannelNotSetUpError) Error() string {
	return "no notice is sent by " + string(e.Channel) + ": it is not set up"
}

// SendsBy reports whether notices are sent by a channel.
func (s *Store) SendsBy(channel Channel) bool {
	return slices.Contains(s.policy.NoticeChannels, channel)
}

// SetAsideNotices has nobody look at notices any more: they are not sent. Otherwise it is as ResendNotices.
func (s *Store) SetAsideNotices(ctx context.Context, sessionID string, choice UndeliveredChoice) (UndeliveredOutcome, error) {
	return s.eachUndelivered(ctx, sessionID, choice, (*tx).setAside)
}

// onUndelivered acts on one, and says whether it is sent again or else put aside.
type onUndelivered func(*tx, Notice) (again bool, err error)

// eachUndelivered acts on those that were given up when it began, a part at a time, and tells who hears of the context's work (Telling).
// What fails again meanwhile waits for another act.
func (s *Store) eachUndelivered(ctx context.Context, sessionID string, choice UndeliveredChoice, act onUndelivered) (all UndeliveredOutcome,
	err error) {
	choice.Until = cmp.Or(choice.Until, At(s.now()))
	for done := 0; done < undeliveredAtOnce; {
		var part UndeliveredOutcome
		err = s.write(ctx, func(tx *tx) error {
			part, err = tx.partOfUndelivered(sessionID, choice, act)
			return err
		})
		if err != nil {
			return all, err
		}
		all.Again, all.Aside = all.Again+part.Again, all.Aside+part.Aside
		tell(ctx, "notices seen to", int64(all.Again+all.Aside), 0)
		if !part.Left {
			return all, nil
		}
		done += part.Again + part.Aside
	}
	all.Left = true
	return all, nil
}

func (t *tx) partOfUndelivered(sessionID string, choice UndeliveredChoice, act onUndelivered) (part UndeliveredOutcome, err error) {
	facts, err := t.administrator(sessionID)
	if err != nil {
		return part, err
	}
	chosen, err := t.chosenUndelivered(choice)
	if err != nil {
		return part, err
	}
	for _, notice := range chosen {
		again, err := act(t, notice)
		if err != nil {
			return part, err
		}
		if again {
			part.Again++
		} else {
			part.Aside++
		}
	}
	part.Left = choice.ID == "" && len(chosen) == undeliveredTogether
	if choice.ID != "" {
		choice.Channel, choice.Cause = chosen[0].Channel, chosen[0].Cause
	}
	return part, t.recordUndelivered(facts, choice, chosen, part)
}

// chosenUndelivered holds them. Error: ErrNotFound, of one.
func (t *tx) chosenUndelivered(choice UndeliveredChoice) ([]Notice, error) {
	if choice.ID != "" {
		one, err := rowOf[Notice](t, "WHERE id = $1 AND "+waitsUndelivered+t.holding(forUpdate), choice.ID)
		return []Notice{one}, notFound(err)
	}
	return allOf[Notice](t, "WHERE "+waitsUndelivered+" AND channel = $1 AND cause = $2 AND done_at <= $3 ORDER BY done_at, id LIMIT $4"+
		t.passingHeld(), choice.Channel, choice.Cause, choice.Until, undeliveredTogether)
}

// recordUndelivered is about an account where one notice was chosen.
func (t *tx) recordUndelivered(facts audit.Facts, choice UndeliveredChoice, chosen []Notice, part UndeliveredOutcome) error {
	facts.Reason = string(choice.Cause)
	event := audit.Event{}
	if choice.ID != "" {
		event.Subject, facts.DeviceAuthorization = deref(chosen[0].AccountID), deref(chosen[0].DeviceAuthorizationID)
		event.Transaction = facts.DeviceAuthorization
	}
	for _, happened := range []struct {
		event audit.Type
		count int
	}{{audit.NoticesResent, part.Again}, {audit.NoticesSetAside, part.Aside}} {
		if happened.count == 0 {
			continue
		}
		event.Type, event.Facts = happened.event, facts
		event.Facts.Count = &happened.count
		if _, err := t.record(event); err != nil {
			return err
		}
	}
	return nil
}

// resend makes a notice due, unless it is out of date. Its turn is the last: a thousand at once delay no approval's.
func (t *tx) resend(notice Notice) (again bool, err error) {
	if !t.store.SendsBy(notice.Channel) {
		return false, &ChannelNotSetUpError{notice.Channel}
	}
	until := notice.UsefulUntil
	if notice.Occasion.happened() {
		until = max(until, min(t.now.Add(noticeTriedFor), notice.CreatedAt.Add(RepudiationLife)))
	}
	of := notice.Occasion != NoticeContactChanged && until > t.now
	if of {
		if of, err = t.noticeOf(notice); err != nil {
			return false, err
		}
	}
	if !of {
		return t.setAside(notice)
	}
	if notice.Occasion.isOneOf(byStrangers()) { // it was not told: see putOff
		if _, err := t.do("DELETE FROM notices_told WHERE notice_id = $1", notice.ID); err != nil {
			return false, err
		}
	}
	return true, t.setNoticeIn(noticeFailed, notice, map[string]any{
		"outcome": "", "done_at": 0, "cause": term.UndeliveredUnknown, "unsure": 0, "claimed_at": 0, "attempts_before": notice.Attempts,
		"again_at": t.now, "next_try_at": t.now, "useful_until": until, "turn": turnEnding, "queue": "",
	})
}

func (t *tx) setAside(notice Notice) (again bool, err error) {
	return false, t.setNoticeIn(noticeFailed, notice, map[string]any{"set_aside_at": t.now})
}

// happened reports whether a notice of the occasion tells what happened to an account, which stays true.
func (o Occasion) happened() bool {
	return o.isOneOf([]Occasion{NoticeApproved, NoticeRedeemed, NoticeDeclined, NoticeRevoked})
}
