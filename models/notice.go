package models

import (
	"slices"
	"time"

	"countersign/audit/term"
)

// Notices tell an account's contact what happens to the account, so that somebody who is
// being impersonated learns of it (docs/decisions/0016-notices.md). A transition writes what
// is to be told; notice_delivery.go hands it to the sender.

// Occasion is what a notice tells.
type Occasion string

// The occasions.
const (
	NoticeRequested          Occasion = Occasion(term.OccasionRequested)
	NoticeApproved           Occasion = Occasion(term.OccasionApproved)
	NoticeDeclined           Occasion = Occasion(term.OccasionDeclined) // by an operator, or with the link in a notice
	NoticePendingDeadline    Occasion = Occasion(term.OccasionPendingDeadline)
	NoticeRedemptionDeadline Occasion = Occasion(term.OccasionRedemptionDeadline)
	NoticeRedeemed           Occasion = Occasion(term.OccasionRedeemed)
	NoticeRevoked            Occasion = Occasion(term.OccasionRevoked) // recalled, revoked, suspended with the link in a notice
	NoticeContactChanged     Occasion = Occasion(term.OccasionContactChanged)
	NoticeBindingDeadline    Occasion = Occasion(term.OccasionBindingDeadline)
)

// Occasions lists them in the order of a visit.
func Occasions() []Occasion {
	return []Occasion{NoticeRequested, NoticePendingDeadline, NoticeApproved, NoticeRedemptionDeadline,
		NoticeRedeemed, NoticeDeclined, NoticeRevoked, NoticeContactChanged, NoticeBindingDeadline}
}

// byStrangers are the occasions that anybody can cause who knows an account identifier.
// How many of them an account is told is bounded.
func byStrangers() []Occasion { return []Occasion{NoticeRequested, NoticePendingDeadline} }

// CanRepudiate reports whether a notice of the occasion carries the link to say "it was not
// me": where there is something to end.
func (o Occasion) CanRepudiate() bool {
	return o != NoticeDeclined && o != NoticeRevoked && o != NoticeContactChanged
}

// Channel is a way to the contact.
type Channel string

// The channels.
const (
	ChannelMail    Channel = Channel(term.SystemMail)
	ChannelWebhook Channel = Channel(term.SystemWebhook)
)

// Channels lists them.
func Channels() []Channel { return []Channel{ChannelMail, ChannelWebhook} }

// Outcomes of a notice; "" while it is to be sent.
const (
	noticeSent    = "sent"
	noticeFailed  = "failed"  // given up
	noticeDropped = "dropped" // there is nobody to tell, or nothing to tell any more
)

// usefulFor is how long it is worth telling what has happened and waits for nothing.
const usefulFor = 7 * 24 * time.Hour

// Notice is one row of what is to be told.
type Notice struct {
	ID                    string
	Occasion              Occasion
	Channel               Channel
	AccountID             *string
	DeviceAuthorizationID *string // nil: it is about the account itself
	CreatedAt             Instant `gorm:"autoCreateTime:false"`
	UsefulUntil           Instant
	NextTryAt             Instant
	Attempts              int
	Outcome               string
	DoneAt                Instant
	Turn                  int    // see the turns in notice_queue.go
	Queue                 string // the account, of what strangers can cause; "" of all else
	FormerContact         string // sealed, of NoticeContactChanged until it is done; see formerContact

	// Of attempts. A notice is written without them.
	ClaimedAt      Instant          `gorm:"<-:update"` // since when it is being sent
	Unsure         int              `gorm:"<-:update"` // attempts by which it may have come, though nobody said so
	Answer         string           `gorm:"<-:update"` // of the last one: FailedAttempt.Answer
	Cause          term.Undelivered `gorm:"<-:update"` // why it was given up
	AttemptsBefore int              `gorm:"<-:update"` // those before it was last sent again
	AgainAt        Instant          `gorm:"<-:update"` // when that was
	SetAsideAt     Instant          `gorm:"<-:update"` // given up, and nobody need see it any more
}

// notify writes down that the account's contact is to be told, in the transaction of what
// happened. It is one statement for each channel whether the account exists or not, and looks at
// nothing: what is dropped or put off is decided when it is to be sent, so that no answer to a
// phone depends on it. until is how long it is of use.
func (t *tx) notify(occasion Occasion, accountID *string, deviceAuthorizationID string, until Instant) error {
	for _, channel := range t.store.policy.NoticeChannels {
		id, err := newID(t.store.rand)
		if err != nil {
			return err
		}
		row := Notice{
			ID: id, Occasion: occasion, Channel: channel, AccountID: accountID, DeviceAuthorizationID: &deviceAuthorizationID,
			CreatedAt: t.now, UsefulUntil: until, NextTryAt: t.now,
		}
		row.queueUp(t.now)
		if err := t.insertUnless(&row, onQueued(occasion)); err != nil {
			return err
		}
		t.urgent = t.urgent || row.Turn == turnSecurity
	}
	return nil
}

// notifyOf is notify for what has happened already.
func (t *tx) notifyOf(occasion Occasion, accountID, deviceAuthorizationID string) error {
	return t.notify(occasion, &accountID, deviceAuthorizationID, t.now.Add(usefulFor))
}

// isOneOf is for conditions that read better so.
func (o Occasion) isOneOf(occasions []Occasion) bool { return slices.Contains(occasions, o) }
