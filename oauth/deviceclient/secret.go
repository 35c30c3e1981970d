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

// writeHidden ignores the write error: fmt.State has nowhere to put one.
func writeHidden(w fmt.State) { _, _ = w.Write([]byte(hidden)) }
