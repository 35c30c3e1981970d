package views

import (
	"context"
	"encoding/json"
	"maps"
)

// The addresses of the phone's page. What lies below it belongs to it.
const (
	PathPhone         = "/phone"
	PathPhoneWorker   = "/phone/worker.js"
	PathPhoneManifest = "/phone/manifest.webmanifest"
	PathPhoneEvents   = "/phone/events"
)

// HeaderPhoneVersion says which version of the page an answer is, for the worker that
// keeps it.
const HeaderPhoneVersion = "Phone-Page-Version"

// PhoneRegistration says what the page needs to become a client instance.
type PhoneRegistration string

// What registering takes.
const (
	PhoneRegistrationOpen   PhoneRegistration = "open"
	PhoneRegistrationToken  PhoneRegistration = "token"  // somebody has to hand out an initial access token
	PhoneRegistrationClosed PhoneRegistration = "closed" // this server takes other apps only
)

// PhoneProps is the phone's page. It holds nothing of a person: what a phone is connected
// to is known to its own storage alone.
type PhoneProps struct {
	Language       string // as FormatsOf has it
	Demonstration  bool
	Practice       bool
	Organisation   Organisation
	StylesheetURLs []string
	ScriptURLs     []string
	FaviconURL     string
	TouchIconURL   string // for the home screen of phones that ask the manifest for none
	Registration   PhoneRegistration
	Places         []Place
	PendingWindow  string // for example "within 7 days"
	RedeemWindow   string
	Client         PhoneClient
}

// PhoneClient is what the page's scripts need to know of this server.
type PhoneClient struct {
	Issuer              string            `json:"issuer"`
	Registration        string            `json:"registration"` // paths below the issuer, from here on
	DeviceAuthorization string            `json:"deviceAuthorization"`
	Token               string            `json:"token"`
	Revocation          string            `json:"revocation"`
	Events              string            `json:"events"`
	Sample              string            `json:"sample"`
	ClientName          string            `json:"clientName"`
	SoftwareID          string            `json:"softwareID"`
	SoftwareVersion     string            `json:"softwareVersion"`
	Scopes              map[string]string `json:"scopes"` // name to plain words
	Clocks              []PhoneClock      `json:"clocks"` // of the counters, each once
}

// PhoneClock is how far a counter's clock is before UTC, in minutes, now and after its next change: a phone may lie in another
// zone, or know of a change of clocks too late.
type PhoneClock struct {
	Minutes int   `json:"minutes"`
	Until   int64 `json:"until,omitempty"` // in milliseconds since 1970; none when no change is known
	Then    int   `json:"then"`
}

// settings is what the page hands to its scripts, texts included: the scripts themselves
// speak no language.
func (p PhoneProps) settings(ctx context.Context) (string, error) {
	settings, err := json.Marshal(struct {
		PhoneClient
		Language string            `json:"language"`
		Worker   string            `json:"worker"`
		Page     string            `json:"page"`
		Texts    map[string]string `json:"texts"`
	}{p.Client, p.Language, PathPhoneWorker, PathPhone, p.texts(ctx)})
	return string(settings), err
}

// texts are the texts that the scripts put together; what stands in braces is theirs to
// fill in.
func (p PhoneProps) texts(ctx context.Context) map[string]string {
	texts := map[string]string{
		"deadline":        say(ctx, "Go to a counter by {date} ({when})."),
		"openNow":         say(ctx, "Open now, until {date}."),
		"opens":           say(ctx, "Opens on {date}."),
		"lastChance":      say(ctx, "Last chance before the code ends: {date}."),
		"noChance":        say(ctx, "Not open before the code ends."),
		"lastOfAll":       say(ctx, "Last chance: {date}, {where}."),
		"abroad":          say(ctx, "{date} (at a counter: {there})"),
		"calendarTitle":   say(ctx, "Last moment to take the device and your ID card to a counter"),
		"calendarText":    say(ctx, "The code on the device counts until this entry ends. {address} shows it, also with no network. Is the device connected already? Then delete this entry."),
		"soon":            say(ctx, "The time ends {when}. Go to a counter before that."),
		"over":            say(ctx, "The code of this device counted until {date}. A counter takes it no more."),
		"overOffline":     say(ctx, "No network. When there is one, this page asks the server by itself."),
		"overUnreachable": say(ctx, "The server cannot be reached at the moment. This page tries again by itself."),
		"overAsking":      say(ctx, "Online. This page is asking the server…"),
		"offline":         say(ctx, "No network. You need none at the counter: code and square work without."),
		"listening":       say(ctx, "Online. This page hears within seconds what the counter decides."),
		"asking":          say(ctx, "Online. This page asks now and then what the counter decided."),
		"unreachable":     say(ctx, "The server cannot be reached at the moment. This page tries again by itself; code and square work without."),
		"otherTab":        say(ctx, "This page is open in another window too, which asks for both."),
		"decided":         say(ctx, "The counter has decided. Getting the answer…"),
		"connected":       say(ctx, "Connected. You may leave the counter."),
		"connectedAt":     say(ctx, "Connected on {date}."),
		"square":          say(ctx, "Square for the counter’s scanner. It proves that this device asked, and is new every 30 seconds."),
		"working":         say(ctx, "One moment…"),
		"needAccount":     say(ctx, "Enter the account."),
		"needToken":       say(ctx, "Enter the registration code that you were given."),
		"refusedEntry":    say(ctx, "The server does not take one of the entries. Look at them again: no line breaks, no invisible signs."),
		"refusedToken":    say(ctx, "This registration code is wrong, used or expired. Ask for a new one."),
		"refusedApp":      say(ctx, "This server does not let this page register. Ask the organisation which app to use."),
		"refusedClock":    say(ctx, "The clock of this device is wrong. Set it to automatic, then try again."),
		"refused":         say(ctx, "The server refused. Nothing was changed. Try again later, or ask at a counter."),
		"tooMany":         say(ctx, "Too many tries for now. Try again {when}."),
		"unavailable":     say(ctx, "The server is not available at the moment. Try again in some minutes."),
		"offlineNow":      say(ctx, "No network. This needs one: try again when this device is online."),
		"noNetwork":       say(ctx, "The server did not answer. Look whether this device is online, then try again."),
		"notKept":         say(ctx, "This browser does not let the page keep anything. Leave private browsing, or free some storage."),
		"wrongAddress":    say(ctx, "This page works at {address} only."),
		"declined":        say(ctx, "Nothing was connected. The counter knows why."),
		"instead":         say(ctx, "Ask the counter, then start again. Was it about your ID card? Then bring another one that is valid."),
		"answered":        say(ctx, "A test call was answered on {date}."),
		"notAnswered":     say(ctx, "The test call was not answered. This device is connected all the same; try again with a network."),
	}
	maps.Copy(texts, declinedTexts(ctx))
	return texts
}

// declinedTexts say what was declined and what to bring instead, for each reason that a
// device is told. Any other has the texts without a reason.
func declinedTexts(ctx context.Context) map[string]string {
	return map[string]string{
		"declined_document_expired":      say(ctx, "Nothing was connected: the ID document had expired."),
		"instead_document_expired":       say(ctx, "Start again for a new code. Bring a document that is valid: your passport, identity card, driving licence or residence permit."),
		"declined_document_not_accepted": say(ctx, "Nothing was connected: the ID document was not accepted."),
		"instead_document_not_accepted":  say(ctx, "Start again for a new code. Bring another document that is valid and undamaged: your passport, identity card, driving licence or residence permit."),
		"declined_counter_trouble":       say(ctx, "Nothing was connected: something at the counter did not work. It was not your fault."),
		"instead_counter_trouble":        say(ctx, "Start again for a new code, and go to a counter once more with the same things."),
	}
}
