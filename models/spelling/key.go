package spelling

// Key returns the form under which an identifier is unique and found. "" when nothing of the text can be seen.
//
//   - A telephone number that begins with "+", "00" or "tel:" is "+" and its E.164 digits.
//   - A mail address has its domain in Unicode, without "mailto:" and without a trailing dot.
//   - Everything else, national telephone numbers and customer numbers too, is folded text (see fold).
//
// The key of a key is itself.
func Key(identifier string) string {
	text := fold(identifier)
	if number, is := telephone(text); is {
		return number
	}
	if address, is := mailAddress(text); is {
		return address
	}
	return text
}
