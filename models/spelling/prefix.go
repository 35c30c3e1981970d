package spelling

import "slices"

// Prefixes returns the beginnings of keys that a search by the first characters looks for: at least one, each once.
// A number that begins with "00" may be a telephone number or a customer number, so that both are looked for.
func Prefixes(typed string) []string {
	text := fold(typed)
	list := []string{text, Key(typed)}
	if digits, international := internationalDigits(trimScheme(text)); international && digits != "" && digits[0] != '0' {
		list = append(list, "+"+digits)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func trimScheme(text string) string {
	if len(text) > len(schemeTel) && text[:len(schemeTel)] == schemeTel {
		return text[len(schemeTel):]
	}
	return text
}
