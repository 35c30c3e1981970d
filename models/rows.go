package models

import (
	"countersign/models/keys"

	"countersign/audit/term"
)

// Rows as they lie in the database; the migrations say what each column means.

// Account is the end user's account.
type Account struct {
	ID              string
	Status          string
	FullName        string
	LatinName       string // the same in Latin letters, where the record has it
	DateOfBirth     string
	Contact         string
	Language        string // of its notices (BCP 47); "" for the deployment's
	StaffSubject    string // the member of staff whose account it is, by the provider's subject; "" when the file names none
	MatchLockedAt   Instant
	MatchUnlockedAt Instant
	// PresenceRequired: only a presence proof matches its requests.
	PresenceRequired bool
	// TwoPersonRequired: its approvals need a second person.
	TwoPersonRequired bool
	ErasedAt          Instant // it says nothing of anybody any more: see EraseAccount
	CreatedAt         Instant `gorm:"autoCreateTime:false"`
	UpdatedAt         Instant `gorm:"autoUpdateTime:false"`
}

// The statuses of an account. Only an active one can be approved, redeemed or used.
const (
	AccountActive    = string(term.AccountActive)
	AccountSuspended = string(term.AccountSuspended)
	AccountLocked    = string(term.AccountLocked)
	AccountClosed    = string(term.AccountClosed)
)

// AccountIdentifier is one login_hint value of an account.
type AccountIdentifier struct {
	Key        string `gorm:"primaryKey"`
	AccountID  string
	Identifier string
	Position   int
}

// Publisher is a registered app publisher.
type Publisher struct {
	ID        string
	Name      string
	JWKS      string  `gorm:"column:jwks"` // of its software statements; "" while it has none
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// Software is an app of a registered publisher, by software_id (RFC 7591).
type Software struct {
	ID          string
	PublisherID string
	Name        string
	Scope       string
	CreatedAt   Instant `gorm:"autoCreateTime:false"`
	// PresenceRequired: only a presence proof matches requests of its instances.
	PresenceRequired bool
}

// TableName keeps gorm from pluralising.
func (Software) TableName() string { return "software" }

// Client is one client instance.
type Client struct {
	ID              string
	Status          string
	ClientName      string
	SoftwareID      string
	SoftwareVersion string
	GrantTypes      string
	Scope           string
	JWK             string `gorm:"column:jwk"`
	JWKThumbprint   string `gorm:"column:jwk_thumbprint"`
	CreatedAddress  string
	CreatedAt       Instant `gorm:"autoCreateTime:false"`
	UpdatedAt       Instant `gorm:"autoUpdateTime:false"` // by the client itself; 0: never
	DeletedAt       Instant
	KeyChangedAt    Instant // JWKThumbprint, to another one; 0: never
	CountedHour     Instant // in which its registration was counted; 0: that has an event of its own

	RegistrationTokenHash string  // RFC 7592 §3
	SigningAlg            string  // token_endpoint_auth_signing_alg, where one was registered
	JWKSURI               string  `gorm:"column:jwks_uri"` // JWK is then the key that was fetched last
	JWKSFetchedAt         Instant `gorm:"column:jwks_fetched_at"`
	SoftwareStatement     string
	VerifiedPublisherID   *string // whose statement it was; nil: nothing proves whose app this is
	PresenceRequired      bool    // presence_proof_required of the statement
}

// The statuses of a client. Only an active one may do anything at all; a deleted one is
// disabled for good.
const (
	ClientActive   = "active"
	ClientDisabled = "disabled"
)

// RegistrationToken is an initial access token (RFC 7591 §3), kept by its hash.
type RegistrationToken struct {
	ID        string
	TokenHash string
	Note      string
	StaffID   *string // who made it; nil: the command
	CreatedAt Instant `gorm:"autoCreateTime:false"`
	ExpiresAt Instant
	UsedAt    Instant
	ClientID  *string // who registered with it
	RevokedAt Instant
}

// Counter is a staffed place.
type Counter struct {
	ID        string
	Name      string
	Address   string
	Hours     string
	TimeZone  string
	Networks  string
	ClosedAt  Instant
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// StaffCounter says that a member of staff who is limited to counters may open this one.
type StaffCounter struct {
	StaffID   string
	CounterID string
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// AccountFile is an accounts file between its preview and its import.
type AccountFile struct {
	SessionID string `gorm:"primaryKey"`
	KeyHash   string
	Sealed    string
	ExpiresAt Instant
}

// AccountImport is an import of accounts that is under way, or was. See import.go.
type AccountImport struct {
	ID          string
	State       string
	StaffID     *string // nil: the command
	SessionID   *string
	Total       int // lines that change something
	Done        int // of them
	Added       int
	Changed     int
	Unchanged   int
	PassedOver  int
	PassedLines []int `gorm:"serializer:json"`
	Interrupted bool
	CreatedAt   Instant `gorm:"autoCreateTime:false"`
	TouchedAt   Instant
	FinishedAt  Instant
}

// AccountImportChunk is some lines of it that are not all applied yet, sealed.
type AccountImportChunk struct {
	ImportID string `gorm:"primaryKey"`
	First    int    `gorm:"primaryKey;autoIncrement:false"`
	Sealed   string
}

// Staff is somebody of the staff who has signed in.
type Staff struct {
	ID             string
	Issuer         string
	Subject        string
	Name           string
	IdentifierKeys string
	CreatedAt      Instant `gorm:"autoCreateTime:false"`
}

// TableName keeps gorm from pluralising.
func (Staff) TableName() string { return "staff" }

// StaffSession is one signed-in browser.
type StaffSession struct {
	ID              string
	TokenHash       string
	StaffID         string
	Roles           string
	CounterID       *string
	Address         string
	ProviderSID     string `gorm:"column:provider_sid"` // the session at the organisation's provider, where it names one
	ACR             string `gorm:"column:acr"`          // how the provider authenticated them
	AuthenticatedAt Instant
	CreatedAt       Instant `gorm:"autoCreateTime:false"`
	LastSeenAt      Instant
	ExpiresAt       Instant
	EndedAt         *Instant
}

// DeviceAuthorization is one request of one client for one account.
type DeviceAuthorization struct {
	ID                  string
	ClientID            string
	AccountID           *string
	DeviceCodeHash      string
	UserCodeMAC         string `gorm:"column:user_code_mac"`
	Scope               string
	Resources           string
	InstanceName        string
	InstanceDescription string
	JWKThumbprint       string `gorm:"column:jwk_thumbprint"`
	Address             string
	Network             string // see NetworkOf
	LoginHintMAC        string `gorm:"column:login_hint_mac"`
	PollInterval        int
	State               State
	CreatedAt           Instant `gorm:"autoCreateTime:false"`
	PendingUntil        Instant

	ClaimSessionID *string
	ClaimStaffID   *string
	ClaimCounterID *string
	ClaimUntil     Instant
	MatchedAt      Instant
	Presence       string // what the match rested on: PresenceProved, PresenceCodeOnly, "" before it
	ProofingID     *string

	DecidedAt        Instant
	DecidedStaffID   *string
	DecidedCounterID *string
	DeclineReason    string
	RedeemUntil      Instant
	RedeemedAt       Instant

	RulesAfter  int64   // only an EndingRule with a higher Seq touches it
	CountedHour Instant // in which its making was counted; 0: that has an event of its own

	EndedBySeq int64 `gorm:"-"` // number of the event of the EndingRule that ended it, once rules are obeyed; 0 for none
}

// MatchFailure is one wrong code entered at the console.
type MatchFailure struct {
	ID        string
	AccountID string
	StaffID   string
	CounterID string
	FailedAt  Instant

	WhileLocked bool // it was not looked at, and counts for nothing but who may unlock
}

// AlertAcknowledgement says who closed an alert: who was first to look at it.
type AlertAcknowledgement struct {
	EventID   string `gorm:"primaryKey"` // jti of the alert
	StaffID   string
	SessionID string
	Note      string  // not written any more: see AlertNote
	Closing   string  // a term.Closing; "" where there was none yet
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// OpenAlert is an alert in the queue: its row goes when it is closed.
type OpenAlert struct {
	Seq     int64  `gorm:"primaryKey;autoIncrement:false"` // of the alert's event
	EventID string // its jti
	TakenBy string // staff.id; "" for nobody
	TakenAt Instant
}

// Proofing is the record of one card check.
type Proofing struct {
	ID                    string
	DeviceAuthorizationID string
	SessionID             string
	StaffID               string
	CounterID             string
	DocumentType          string
	DocumentIssuer        string
	DocumentExpiry        string
	DocumentNumberTail    string
	DocumentNumberMAC     string `gorm:"column:document_number_mac"`
	NameResult            string
	NameReason            string // a term.NameReason, where the name differs and somebody said why
	BirthDateResult       string
	DocumentRead          string // ReadTyped, ReadMRZ or ReadPDF417
	// Overruled is what an earlier scan or check found to differ and this one does not: of
	// OverruledName and OverruledBirthDate.
	Overruled       string
	OverruledReason string // a term.Overruling, "" where the operator gave none
	Checks          string
	ComparedWith    string  // the account's record, as Account.Compared; "" for checks from before it was kept
	CreatedAt       Instant `gorm:"autoCreateTime:false"`
}

// DocumentScan is what one scan found beside the record, without the document.
type DocumentScan struct {
	ID                    string
	DeviceAuthorizationID string
	Number                int // counts the scans of the request, from 1
	SessionID             string
	StaffID               string
	ReadAs                string // ReadMRZ or ReadPDF417
	NameResult            string
	BirthDateResult       string
	ProofingID            string  // the first check that was recorded after it
	CreatedAt             Instant `gorm:"autoCreateTime:false"`
}

// SecondApproval is a question for a second person, about one proofing.
type SecondApproval struct {
	ID                    string
	DeviceAuthorizationID string
	ProofingID            string
	AskedSessionID        string
	AskedStaffID          string
	AskedCounterID        string
	AskedAt               Instant
	Status                string // SecondApprovalWaiting, SecondApprovalGiven or SecondApprovalReturned
	AnsweredSessionID     *string
	AnsweredStaffID       *string
	AnsweredAt            Instant
	Reason                string // of a return
	AgreedTo              string // what the second person saw, as Shown.Digest; "" while they have not agreed
}

// Binding is account and client instance, made by an approval.
type Binding struct {
	ID                    string
	AccountID             string
	ClientID              string
	DeviceAuthorizationID string
	Label                 string
	Scope                 string
	Resources             string
	CreatedAt             Instant `gorm:"autoCreateTime:false"`
	RedeemedAt            Instant
	UsedAt                Instant
	RevokedAt             Instant // when it ended, by whatever; see judgeEnd
	RevokeReason          string
}

// RefreshToken is kept by its hash only.
type RefreshToken struct {
	TokenHash     string `gorm:"primaryKey"`
	BindingID     string
	ClientID      string
	JWKThumbprint string `gorm:"column:jwk_thumbprint"`
	AccessTokenID string
	Scope         string
	CreatedAt     Instant `gorm:"autoCreateTime:false"`
	LastUsedAt    Instant
	IdleUntil     Instant
	ExpiresAt     Instant
	RemindedAt    Instant // when the contact was to be told of ExpiresAt
}

// ServerKey is one of the server's own keys; Sealed is opaque without the master key.
type ServerKey struct {
	keys.Key

	CreatedAt   Instant `gorm:"autoCreateTime:false"`
	ActivatedAt Instant // when it began to sign
	RetiredAt   Instant // when the next one took over
	InUseUntil  Instant // of a retired one: a token that it signed may live until then

	MAC string `gorm:"column:mac"` // of every other column; see keys.MAC
}
