package main

import (
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"time"

	"countersign/handlers/limits"
	"countersign/handlers/notices"
	"countersign/handlers/traces"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/models/keys"
	"countersign/views"
)

// masterKeySize is in bytes.
const masterKeySize = keys.MasterKeySize

// DatabaseFlags say which database; its address may hold a password, so it counts
// as a secret.
type DatabaseFlags struct {
	Database     string `help:"Where everything is kept: sqlite:PATH or a postgres:// address." placeholder:"ADDRESS"`
	DatabaseFile string `help:"File that holds the database's address." placeholder:"FILE"`
}

// StoreFlags are what a command needs that writes events: they are signed with
// keys that the master key opens, and carry the issuer.
type StoreFlags struct {
	DatabaseFlags
	Issuer        string `help:"The server's own address, for example https://id.example.org." placeholder:"URL"`
	MasterKey     string `help:"32 bytes in base64 that open the server's keys." placeholder:"KEY"`
	MasterKeyFile string `help:"File that holds the master key." placeholder:"FILE"`
}

// storeSettings are StoreFlags, checked.
type storeSettings struct {
	database  string
	issuer    string
	masterKey []byte
}

func (f *StoreFlags) check(c *checks) storeSettings {
	return storeSettings{
		database:  c.database(f.Database, f.DatabaseFile),
		issuer:    c.issuer(f.Issuer),
		masterKey: c.masterKey(f.MasterKey, f.MasterKeyFile),
	}
}

// ServeFlags are all settings of the server, as text; check turns them into
// serveSettings and reports everything that is wrong at once.
type ServeFlags struct {
	Config string `help:"JSON file with settings: an object of flag names and their values. Flags and variables come before it." placeholder:"FILE"`
	StoreFlags
	CheckpointFlags
	Listen   string `help:"Address and port to listen on." default:"127.0.0.1:8080"`
	TLSCert  string `name:"tls-cert" help:"Certificate chain in PEM, to speak https without a proxy." placeholder:"FILE"`
	TLSKey   string `name:"tls-key" help:"Private key of the certificate, in PEM." placeholder:"FILE"`
	Practice toggle `help:"Serve for training, on a database of its own: all people are invented, and nothing is sent to anybody."`
	Migrate  toggle `help:"Bring the database's schema up to date before starting."`
	NoBackup toggle `help:"With --migrate: make no copy of a SQLite database beside it before it is changed."`

	OIDCIssuer           string   `name:"oidc-issuer" help:"Issuer of the OpenID Provider that staff sign in with." placeholder:"URL"`
	OIDCClientID         string   `name:"oidc-client-id" help:"This server's client identifier at the provider." placeholder:"ID"`
	OIDCClientSecret     string   `name:"oidc-client-secret" help:"This server's secret at the provider." placeholder:"SECRET"`
	OIDCClientSecretFile string   `name:"oidc-client-secret-file" help:"File that holds that secret." placeholder:"FILE"`
	OIDCScopes           []string `name:"oidc-scopes" help:"Scopes to ask the provider for." default:"openid,profile,email" placeholder:"SCOPE"`
	RolesClaim           string   `help:"Claim that lists the roles of a member of staff." default:"roles"`
	Role                 []string `help:"What a value of that claim means: VALUE=operator, =supervisor or =administrator. Without any, the values are the roles' own names. Separate several by semicolons; in a file of settings it may be an object." placeholder:"VALUE=ROLE" sep:";"`
	AccountClaim         []string `help:"Claims that may name the staff member's own account. Nobody decides on their own account." default:"email,preferred_username,phone_number" placeholder:"CLAIM"`
	AccountClaimRequired toggle   `help:"Refuse approvals by staff for whom the provider sends none of these claims. Without a claim, nobody can tell which account is their own." default:"true"`

	Scope                 []string `help:"What apps may be allowed: its name and what it means in plain words; NAME#TAG=WORDS says it in another language. Separate several by semicolons." sep:";" placeholder:"NAME=WORDS"`
	Resource              []string `help:"APIs that access tokens can be for, each with its scopes or with all: URI or URI=SCOPE SCOPE. The first is meant when an app names none; without any it is the server's own /api. Separate several by semicolons." sep:";" placeholder:"URI"`
	PresenceRequiredScope []string `help:"A scope that is granted only to a device which proved its key at the counter; may be repeated. Separate several by semicolons." placeholder:"NAME" sep:";"`
	TwoPersonScope        []string `help:"A scope that is granted only after a second person has looked; may be repeated. Separate several by semicolons." placeholder:"NAME" sep:";"`
	PresenceSkew          string   `help:"How far the clock of a device may be off in a presence proof." default:"30s"`

	DocumentType []string `help:"An ID document that is accepted: passport, idcard, driving_permit, residence_permit or organisation_card, with all its usual checks or with exactly these: TYPE:photo+handled+number+issuer+expiry+endless+age=YEARS, where endless lets a document without an end do for expiry. May be repeated. Without any, the first four." placeholder:"TYPE" sep:";"`

	Registration       string   `help:"What an app needs to register: open (nothing), initial-access-token (see registration-tokens), or software-statement (signed by a registered publisher)." default:"open" values:"open,initial-access-token,software-statement"`
	ListedSoftwareOnly toggle   `help:"Let only apps of registered publishers register."`
	PhonePage          toggle   `help:"Offer the page /phone, by which a person connects a phone without an app." default:"true"`
	JWKSURINetwork     []string `name:"jwks-uri-network" help:"Private networks in which an app's jwks_uri may be." placeholder:"NETWORK"`
	Limits             string   `help:"How much strangers, phones and operators may ask for in a while: default, strict, or off." default:"default" values:"default,strict,off"`
	Limit              []string `help:"One row of --limits in numbers of your own: how many at once, and how many in which time after that, such as searches=120,1/2s or log-reads=600,50/1s. May be repeated. Separate several by semicolons." placeholder:"NAME=NUMBERS" sep:";"`
	TrustedProxy       []string `help:"Networks of the proxies that may say where a request came from (X-Forwarded-For) and that it was encrypted (X-Forwarded-Proto: https)." placeholder:"NETWORK"`
	OpenedRecordsLimit string   `help:"How many customers' records one person may open within an hour; 0 for any number." default:"120"`
	PrefixSearch       string   `help:"Whether accounts are found by the first characters of an identifier: on, off, or by the level of --limits, which is off under strict." default:"auto" values:"auto,on,off"`
	StrangerEvents     string   `help:"How many events the acts of strangers have within an hour at one process, and from one network a twentieth of it: beyond it they are counted, and one event an hour says how many. 0 for any number, auto for what the level of --limits has: 600, under strict 200, under off any number." default:"auto"`

	PollInterval         string   `help:"Time between two questions of a phone: the least, where many wait." default:"30s"`
	PollRate             string   `help:"How many questions a second waiting phones may have at one process, before those that ask for codes are told to wait longer between two of them, up to 5 minutes. 0 for any number, auto for 250 for each processor." default:"auto"`
	PendingWindow        string   `help:"Time from a phone's request to the decision, 7d at most." default:"7d"`
	RedemptionWindow     string   `help:"Time from the approval until the phone has collected it, 7d at most." default:"7d"`
	ClaimLength          string   `help:"Time from the match to the decision." default:"15m"`
	SessionIdle          string   `help:"Staff are signed out after this time without a click." default:"30m"`
	SessionLifetime      string   `help:"Staff are signed out after this time in any case." default:"12h"`
	StepUpMaxAge         string   `help:"Approvals need a sign-in no older than this. 0 asks for nothing." default:"0s"`
	StepUpACR            []string `name:"step-up-acr" help:"Approvals need a sign-in of one of these authentication context classes (acr)." placeholder:"VALUE"`
	AccessTokenLifetime  string   `help:"How long an access token is good." default:"10m"`
	RefreshTokenIdle     string   `help:"A phone that was not used for this time is disconnected." default:"30d"`
	RefreshTokenLifetime string   `help:"A phone is disconnected after this time in any case." default:"365d"`
	KeepClients          string   `help:"How long an app on a phone is kept that has no request and no connection." default:"7d"`
	KeepRequests         string   `help:"How long a request is kept that ended without an approval, 14d at least." default:"15d"`
	KeepRecords          string   `help:"How long wrong codes, results of scans, what documents said where they differed, and addresses of ended staff sessions are kept." default:"90d"`

	AlertFlags
	OrganisationFlags
	LanguageFlags
	NoticeFlags

	DPoPNonce   string `name:"dpop-nonce" help:"Whether phones must prove their key with a nonce of ours: required, or off." default:"required" values:"required,off"`
	KeyRotation string `help:"Age at which a signing key is replaced by the next one; 0 for never." default:"90d"`

	Witness []string `help:"A witness that is asked to cosign the log's checkpoints: its key, as it prints it, and its address; may be repeated. Separate several by semicolons." placeholder:"VKEY=URL" sep:";"`

	IdleTimeout string `help:"How long a connection stays open between two requests. Let it be longer than that of a balancer in front." default:"11m"`

	MetricsListen string `help:"Address and port on which metrics are served at /metrics, in Prometheus' format and in clear, to whoever asks. Without it there are none." placeholder:"ADDRESS"`

	DrainDelay string `help:"Time between SIGTERM, when /readyz turns to 503, and the end of accepting requests." default:"0s"`
	LogLevel   string `help:"debug, info, warn or error." default:"info" values:"debug,info,warn,error"`
	LogFormat  string `help:"text or json." default:"text" values:"text,json"`
}

// serveSettings are ServeFlags, checked.
type serveSettings struct {
	store         storeSettings
	checkpoint    checkpointFile
	listen        string
	cert          *certificate // nil: plain http, behind a proxy or on loopback
	migrate       bool
	noBackup      bool
	staff         web.StaffProvider
	scopes        []web.Scope
	policy        models.Policy
	proxies       []netip.Prefix
	keys          []netip.Prefix // where a jwks_uri may be, beside public addresses
	rotation      time.Duration  // of signing keys; 0: never
	limits        limits.Level
	ownLimits     limits.Own
	events        int // of strangers within an hour: see web.Config.StrangerEvents
	polls         int // a second, of waiting phones: see web.Config.PollRate
	notices       noticeSettings
	metricsListen string           // "": nowhere
	traces        *traces.Settings // nil: none
	drainDelay    time.Duration
	idle          time.Duration // of a connection between two requests
	logLevel      slog.Level
	logFormat     string
	phonePage     bool
	practice      *notices.Practice // nil: all of it is real
	witnesses     []witnessSettings
	documents     document.Rules
	words         *views.Words
	about         web.Organisation
}

func (f *ServeFlags) check(c *checks) serveSettings {
	words := f.LanguageFlags.check(c)
	settings := serveSettings{
		words:         words,
		about:         f.OrganisationFlags.check(c),
		store:         f.StoreFlags.check(c),
		checkpoint:    f.CheckpointFlags.check(f.MasterKeyFile),
		listen:        c.listen(f.Listen),
		cert:          f.certificate(c),
		migrate:       c.toggle("migrate", f.Migrate),
		noBackup:      c.toggle("no-backup", f.NoBackup),
		staff:         f.staff(c),
		scopes:        f.scopes(c, words),
		policy:        f.policy(c),
		limits:        f.limits(c),
		events:        f.strangerEvents(c),
		polls:         f.pollRate(c),
		proxies:       c.networks("trusted-proxy", f.TrustedProxy),
		keys:          c.networks("jwks-uri-network", f.JWKSURINetwork),
		rotation:      f.rotation(c),
		notices:       f.NoticeFlags.check(c, words),
		metricsListen: f.metricsListen(c),
		traces:        c.traces(),
		drainDelay:    c.duration("drain-delay", f.DrainDelay, 0, longestDrain),
		idle:          c.duration("idle-timeout", f.IdleTimeout, 5*time.Second, longestIdle),
		logLevel:      f.logLevel(c),
		logFormat:     c.oneOf("log-format", f.LogFormat, "text", "json"),
		phonePage:     c.toggle("phone-page", f.PhonePage),
		documents:     f.documents(c),
		witnesses:     f.witnesses(c),
	}
	mailer, _ := settings.notices.channels[models.ChannelMail].(*notices.Mail)
	settings.notices.alerts = f.AlertFlags.channels(c, mailer)
	settings.practice = f.practise(c, &settings)
	settings.policy.Witnesses = keysOf(settings.witnesses)
	settings.policy.NoticeChannels = settings.notices.in()
	settings.policy.AlertChannels = slices.Sorted(maps.Keys(settings.notices.alerts))
	settings.notices.about = notices.About{Name: settings.about.Name, Telephone: settings.about.Telephone, Privacy: settings.about.Privacy}
	settings.policy.Resources = f.resources(c, settings.scopes)
	f.warnOfFront(c, settings)
	settings.policy.WrongCodesPerOperator = wrongCodesPerOperator(settings.limits)
	settings.ownLimits = f.ownLimits(c, &settings.policy)
	return settings
}
