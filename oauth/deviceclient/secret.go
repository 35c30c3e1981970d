package deviceclient

import (
	"fmt"
	"log/slog"
)

// hidden is what a secret looks like wherever text is made of it.
const hidden = "[secret]"

// Secret is a code or token. It reads and writes as plain JSON, and shows
// itself to nothing else: fmt (any verb) and slog print "[secret]".
type Secret string

// Reveal returns the secret's text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Format implements fmt.Formatter.
func (s Secret) Format(w fmt.State, _ rune) { writeHidden(w) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// The structs that hold secrets print as a whole, too: fmt does not ask a
// member's own Format behind a pointer when the verb is unusual, and slog's JSON
// is encoding/json.

// Format implements fmt.Formatter.
func (s State) Format(w fmt.State, _ rune) {
	_, _ = fmt.Fprintf(w, "[phone of %s, client %s, waiting %t, connected %t]",
		s.Issuer, s.ClientID, s.Authorization != nil, s.Tokens != nil)
}

// LogValue implements slog.LogValuer: how far the phone has come.
func (s State) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("issuer", s.Issuer),
		slog.String("client_id", s.ClientID),
		slog.Bool("waiting", s.Authorization != nil),
		slog.Bool("connected", s.Tokens != nil),
	)
}

// Format implements fmt.Formatter.
func (m Management) Format(w fmt.State, _ rune) { writeHidden(w) }

// LogValue implements slog.LogValuer.
func (m Management) LogValue() slog.Value { return slog.StringValue(hidden) }

// Format implements fmt.Formatter.
func (a DeviceAuthorization) Format(w fmt.State, _ rune) { writeHidden(w) }

// LogValue implements slog.LogValuer.
func (a DeviceAuthorization) LogValue() slog.Value { return slog.StringValue(hidden) }

// Format implements fmt.Formatter.
func (t Tokens) Format(w fmt.State, _ rune) { writeHidden(w) }

// LogValue implements slog.LogValuer.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(hidden) }

// writeHidden ignores the write error: fmt.State has nowhere to put one.
func writeHidden(w fmt.State) { _, _ = w.Write([]byte(hidden)) }
