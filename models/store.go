package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"countersign/audit/tree"
	"countersign/models/keys"
	"countersign/oauth"

	"gorm.io/gorm"
)

// Config is what a Store needs. Every field but Policy is required.
type Config struct {
	Issuer    string           // the authorization server's identifier, in tokens and events
	Now       func() time.Time // the one clock of every verb
	Rand      io.Reader        // for identifiers, codes, tokens and keys
	MasterKey []byte           // keys.MasterKeySize bytes: opens the server's keys
	Policy    Policy           // zero fields mean DefaultPolicy
	Version   string           // of the program, to be shown
}

// Policy holds the lengths and limits of a deployment.
type Policy struct {
	PendingWindow        time.Duration // request → decision; at most 7 days
	RedemptionWindow     time.Duration // approval → redemption
	ClaimLength          time.Duration // match → decision
	Interval             time.Duration // between polls, whole seconds; the least, where many poll
	AccessTokenLifetime  time.Duration
	RefreshTokenIdle     time.Duration
	RefreshTokenLifetime time.Duration
	SessionIdle          time.Duration
	SessionLifetime      time.Duration
	PresenceSkew         time.Duration // how far a phone's clock may be off in a presence proof
	PresenceScopes       oauth.Scope   // a request for any of them is matched by a presence proof only
	TwoPersonScopes      oauth.Scope   // an approval for any of them needs a second person
	StepUp               StepUp        // what an approval asks of the operator's sign-in

	// AccountClaimRequired keeps staff from approving while the provider names no account of
	// theirs: it could not be seen that they decide on their own.
	AccountClaimRequired bool

	// WrongCodesPerOperator is how many wrong codes one operator may enter within an
	// hour, on all accounts together; negative: any number.
	WrongCodesPerOperator int

	// WrongCodesThatLock is how many wrong codes within a week lock an account's matching: the last of them does. There is no
	// way to have none: a code is guessed in time where nothing stops whoever guesses (RFC 8628 §5.1).
	WrongCodesThatLock int

	// WaitingPerPhone is how many requests of a client instance wait for one account identifier, and WaitingPerNetwork how
	// many of all clients from one network. Both bound what a stranger can fill the disk with, so that neither is ever unbounded.
	WaitingPerPhone   int
	WaitingPerNetwork int

	// ApprovalAlert is how many approvals of one operator within an hour are usual: one
	// more is an alert, and nothing is refused; negative: any number.
	ApprovalAlert int

	// OpenedRecordsAlert is how many customers' records one person opens within an hour without a visit as
	// usual: one more is an alert. OpenedRecordsLimit is how many they may open; negative,
	// of both: any number.
	OpenedRecordsAlert int
	OpenedRecordsLimit int

	Unusual Unusual // what further rules call supervisors for

	// NoPrefixSearch: an account is found by a whole identifier only.
	NoPrefixSearch bool

	ListedSoftwareOnly bool // refuse a software_id that no registered publisher has
	Registration       RegistrationPolicy
	DPoPNonceRequired  bool // refuse a DPoP proof without a nonce of ours (RFC 9449 §8)

	// NoticeChannels are how accounts' contacts are told what happens; none: not at all. A
	// command names all: what it writes for a channel that no server has is forgotten.
	NoticeChannels []Channel

	// Witnesses are asked to cosign checkpoints, and what they have cosigned is shown; MaxWitnesses at most.
	Witnesses []tree.Verifier

	// AlertChannels are how supervisors who look at no page are told of alerts; none: not at all.
	AlertChannels []Channel

	// Keep is how long rows are kept that a sweep removes.
	Keep Keeping

	// Resources are what access tokens can be for; the first one when a request names
	// none. Without any it is the issuer's /api.
	Resources oauth.Resources
}

// Keeping is how long rows are kept after they were last of use. A length that is not given is the default's.
type Keeping struct {
	Clients  time.Duration // that have nothing, from their registration: 7 days
	Requests time.Duration // that ended without an approval: 15 days, 14 at least (docs/architecture.md §4.3)
	Records  time.Duration // wrong codes, what scans found, where ended sessions of staff came from: 90 days
}

// leastRequests keeps user codes from coming again too early.
const leastRequests = 14 * 24 * time.Hour

// RegistrationPolicy says what a client instance needs to register (docs/architecture.md §6:
// trusted devices).
type RegistrationPolicy string

// The registration policies.
const (
	RegistrationOpen    RegistrationPolicy = ""                     // nothing but a key of its own
	RegistrationByToken RegistrationPolicy = "initial-access-token" // RFC 7591 §3
	RegistrationStated  RegistrationPolicy = "software-statement"   // RFC 7591 §2.3, of a registered publisher
)

// DefaultPolicy is what a deployment gets that says nothing else (docs/architecture.md §4).
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		PendingWindow:        7 * day,
		RedemptionWindow:     7 * day,
		ClaimLength:          15 * time.Minute,
		Interval:             30 * time.Second,
		AccessTokenLifetime:  10 * time.Minute,
		RefreshTokenIdle:     30 * day,
		RefreshTokenLifetime: 365 * day,
		SessionIdle:          30 * time.Minute,
		SessionLifetime:      12 * time.Hour,
		PresenceSkew:         oauth.DefaultPresenceSkew,

		WrongCodesPerOperator: 20,
		WrongCodesThatLock:    6,
		WaitingPerPhone:       WaitingPerPhone,
		WaitingPerNetwork:     1000,
		ApprovalAlert:         30,
		OpenedRecordsAlert:    30,
		OpenedRecordsLimit:    120,

		Unusual: Unusual{WrongCodes: 20, Overruled: 15, TimesUsual: 3, KeyAccounts: 4, AddressAccounts: 20},

		Keep: Keeping{Clients: 7 * day, Requests: 15 * day, Records: 90 * day},
	}
}

// withDefaults fills every length that was left out: never 0, never "for ever"
// (docs/protocol.md §6 missing-lifetime).
func (p Policy) withDefaults() Policy {
	d := DefaultPolicy()
	for _, field := range []struct{ have, use *time.Duration }{
		{&p.PendingWindow, &d.PendingWindow}, {&p.RedemptionWindow, &d.RedemptionWindow},
		{&p.ClaimLength, &d.ClaimLength}, {&p.Interval, &d.Interval},
		{&p.AccessTokenLifetime, &d.AccessTokenLifetime},
		{&p.RefreshTokenIdle, &d.RefreshTokenIdle}, {&p.RefreshTokenLifetime, &d.RefreshTokenLifetime},
		{&p.SessionIdle, &d.SessionIdle}, {&p.SessionLifetime, &d.SessionLifetime},
		{&p.PresenceSkew, &d.PresenceSkew},
		{&p.Keep.Clients, &d.Keep.Clients}, {&p.Keep.Requests, &d.Keep.Requests}, {&p.Keep.Records, &d.Keep.Records},
	} {
		if *field.have <= 0 {
			*field.have = *field.use
		}
	}
	for _, number := range []struct{ have, use *int }{
		{&p.WrongCodesPerOperator, &d.WrongCodesPerOperator}, {&p.WrongCodesThatLock, &d.WrongCodesThatLock},
		{&p.WaitingPerPhone, &d.WaitingPerPhone}, {&p.WaitingPerNetwork, &d.WaitingPerNetwork},
		{&p.ApprovalAlert, &d.ApprovalAlert}, {&p.OpenedRecordsAlert, &d.OpenedRecordsAlert}, {&p.OpenedRecordsLimit, &d.OpenedRecordsLimit},
	} {
		if *number.have == 0 {
			*number.have = *number.use
		}
	}
	p.Unusual = p.Unusual.withDefaults(d.Unusual)
	return p
}

// check holds the lengths to their bounds (docs/architecture.md §4.2): neither window is longer
// than a week, a phone is told whole seconds, and no access token outlives its key.
func (p Policy) check() error {
	const week = 7 * 24 * time.Hour
	if p.PendingWindow > week || p.RedemptionWindow > week {
		return errors.New("policy: neither the pending nor the redemption window may be longer than 7 days")
	}
	if p.Interval < time.Second || p.Interval%time.Second != 0 {
		return errors.New("policy: the interval is at least one second, and whole seconds")
	}
	if len(p.Witnesses) > MaxWitnesses {
		return fmt.Errorf("policy: a log has %d witnesses at most", MaxWitnesses)
	}
	if p.Keep.Requests < leastRequests {
		return errors.New("policy: ended requests are kept for 14 days at least, since their codes must not come again earlier")
	}
	if p.AccessTokenLifetime > LongestAccessToken {
		return fmt.Errorf("policy: an access token may live for %s at most", LongestAccessToken)
	}
	for _, one := range p.counted() {
		if one.number < one.Least || one.number > one.Most {
			return fmt.Errorf("policy: %d %s are not from %d to %d", one.number, one.what, one.Least, one.Most)
		}
	}
	return nil
}

// Bounds are the least and the most that a number of Policy may be.
type Bounds struct{ Least, Most int }

// Bounds of what must never be without a limit, nor so narrow that nobody gets through.
var (
	BoundsThatLock          = Bounds{3, 10}
	BoundsWaitingPerPhone   = Bounds{1, 10}
	BoundsWaitingPerNetwork = Bounds{10, 10_000}
)

// bounded is a number with its bounds.
type bounded struct {
	Bounds
	number int
	what   string
}

// counted are the numbers that have such bounds.
func (p Policy) counted() []bounded {
	return []bounded{
		{BoundsThatLock, p.WrongCodesThatLock, "wrong codes that lock an account"},
		{BoundsWaitingPerPhone, p.WaitingPerPhone, "requests that wait of one phone"},
		{BoundsWaitingPerNetwork, p.WaitingPerNetwork, "requests that wait from one network"},
	}
}

// Store is the only way to the data. It is safe for concurrent use.
type Store struct {
	*Database
	issuer  string
	origin  string // of the log
	version string
	now     func() time.Time
	rand    io.Reader
	policy  Policy
	keys    *keys.Ring

	notices bell
	imports bell

	exporting sync.Mutex // held while the trail is exported

	slots    slots
	gathered gathered
	ready    readiness

	sequencer sequencer
	published published
}

// Open checks the schema and whose database it is, then opens the server's keys with
// the master key; a database without any keys gets its first ones. Errors:
// ErrSchemaBehind, ErrOtherIssuer, *CopiedError, keys.ErrMasterKey (an unreadable key is never replaced).
func Open(ctx context.Context, database *Database, config Config) (*Store, error) {
	policy := config.Policy.withDefaults()
	if err := policy.check(); err != nil {
		return nil, err
	}
	if err := database.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if err := database.checkIssuer(ctx, config.Issuer); err != nil {
		return nil, err
	}
	if err := database.CheckCopied(ctx); err != nil {
		return nil, err
	}
	origin, err := tree.Origin(config.Issuer)
	if err != nil {
		return nil, err
	}
	s := &Store{
		Database: database, issuer: config.Issuer, origin: origin, now: config.Now, rand: config.Rand,
		policy: policy, version: config.Version,
		keys: keys.NewRing(keys.Config{Issuer: config.Issuer, Now: config.Now, Rand: config.Rand, MasterKey: config.MasterKey}),
	}
	if len(s.policy.Resources) == 0 {
		s.policy.Resources = oauth.Resources{{URI: config.Issuer + "/api"}}
	}
	if err := s.openKeys(ctx); err != nil {
		return nil, fmt.Errorf("server keys: %w", err)
	}
	return s, nil
}

// Policy is what the store goes by, defaults filled in.
func (s *Store) Policy() Policy { return s.policy }

// Issuer is the authorization server's identifier.
func (s *Store) Issuer() string { return s.issuer }

// Now is the store's clock.
func (s *Store) Now() time.Time { return s.now() }

// reader lets a query of this package's writes be used by a page: it holds no row.
func (s *Store) reader(ctx context.Context) *tx {
	return &tx{DB: s.reading(ctx), store: s, now: At(s.now()), reads: true}
}

// reading is the read pool bound to the request.
func (s *Store) reading(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }
