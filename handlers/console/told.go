package console

import (
	"time"

	"github.com/labstack/echo/v4"
)

// Word is what a form's answer leaves for the page that it leads to: fixed words only,
// which the page then puts into a sentence. It is not in the address, where a reload
// would say it again and a stranger's link could say anything.
type Word string

// The words.
const (
	Declined               Word = "declined"
	Released               Word = "released"
	Recalled               Word = "recalled"
	Revoked                Word = "revoked"
	LookedAt               Word = "looked-at"
	LookedAtBefore         Word = "looked-at-before"
	AlertNoted             Word = "alert-noted"
	AlertTaken             Word = "alert-taken"
	AlertTakenBefore       Word = "alert-taken-before"
	Labelled               Word = "labelled"
	DisconnectionAsked     Word = "disconnection-asked"
	DisconnectionOpen      Word = "disconnection-open"
	AnsweredBefore         Word = "answered-before"
	EndedAll               Word = "ended-all"
	NothingToEnd           Word = "nothing-to-end"
	EndedWaiting           Word = "ended-waiting"
	Extended               Word = "extended"
	ClaimLongest           Word = "claim-longest"
	PublisherSaved         Word = "publisher-saved"
	AppAdded               Word = "app-added"
	AppChanged             Word = "app-changed"
	TokenRevoked           Word = "token-revoked"
	CounterSaved           Word = "counter-saved"
	CounterClosed          Word = "counter-closed"
	CounterReopened        Word = "counter-reopened"
	StaffLimited           Word = "staff-limited"
	OwnLimit               Word = "own-limit"
	NoCounters             Word = "no-counters"
	SessionsEnded          Word = "sessions-ended"
	AccountSuspended       Word = "account-suspended"
	AccountReinstated      Word = "account-reinstated"
	AccountRulesSaved      Word = "account-rules-saved"
	OwnAccount             Word = "own-account"
	ChangedMeanwhile       Word = "changed-meanwhile"
	NoFile                 Word = "no-file"
	PreviewOver            Word = "preview-over"
	AccountSaved           Word = "account-saved"
	ImportRunning          Word = "import-running"
	ImportDiscarded        Word = "import-discarded"
	OtherCounters          Word = "other-counters"
	Unlocked               Word = "unlocked"
	NoUnlockReason         Word = "no-unlock-reason"
	NoSuchAccount          Word = "no-such-account"
	IsDocument             Word = "is-document"
	NoSuchReceipt          Word = "no-such-receipt"
	ExportRunning          Word = "export-running"
	ExportOfNothing        Word = "export-of-nothing"
	SignedOut              Word = "signed-out"
	WrongCode              Word = "wrong-code"
	NoCode                 Word = "no-code"
	PresenceRequired       Word = "presence-required"
	PresenceUnread         Word = "presence-unread"
	PresenceExpired        Word = "presence-expired"
	PresenceNotYet         Word = "presence-not-yet"
	PresenceReplayed       Word = "presence-replayed"
	PresenceUnchecked      Word = "presence-unchecked"
	PresenceOtherServer    Word = "presence-other-server"
	NoReason               Word = "no-reason"
	NotLooked              Word = "not-looked"
	SecondApprovalGiven    Word = "second-given"
	SecondApprovalReturned Word = "second-returned"
	NoCounter              Word = "no-counter"
	CounterNetwork         Word = "counter-network"
)

// toldFor is how long a word waits for its page.
const toldFor = time.Minute

// Tell leaves a word for the next page.
func (p *Pages) Tell(c echo.Context, word Word) { p.SetCookie(c, "-told", string(word), toldFor) }

// Told takes the word away and returns it, "" when there is none. A part of a page that
// htmx fetches in the background leaves it for the page that it was meant for.
func (p *Pages) Told(c echo.Context) Word {
	if c.Request().Header.Get("HX-Request") != "" {
		return ""
	}
	word := p.Cookie(c, "-told")
	if word != "" {
		p.SetCookie(c, "-told", "", 0)
	}
	return Word(word)
}
