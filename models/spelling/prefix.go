package spelling

import (
	"slices"
	"strings"
)

// Prefixes returns the beginnings of keys that a search by the first characters looks for: at least one, each once.
// A number that begins with "00" may be a telephone number or a customer number, so that both are looked for.
func Prefixes(typed string) []string {
	text := fold(typed)
	list := []string{text, Key(typed)}
	if address, mail := strings.CutPrefix(text, schemeMailto); mail {
		list = append(list, mailtoAddress(address))
	}
	digits, international := internationalDigits(strings.TrimPrefix(text, schemeTel))
	if international && digits != "" && digits[0] != '0' {
		list = append(list, "+"+digits)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
