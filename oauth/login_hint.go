package oauth

import "regexp"

// MaxLoginHint is the longest account identifier, in characters: the longest address that mail can carry.
const MaxLoginHint = 254

// ReadLoginHint reads the account identifier that every device authorization request here must name. It judges the
// text only: whether an account has it must not show in the answer.
func ReadLoginHint(p Parameters) (string, *Error) {
	hint := p.Get(ParamLoginHint)
	if hint == "" {
		return "", Errorf(ErrInvalidRequest, "%s is required: it names the account", ParamLoginHint)
	}
	if err := readText(ErrInvalidRequest, ParamLoginHint, hint, MaxLoginHint); err != nil {
		return "", err
	}
	if HasUnencodedPlus(hint) {
		return "", Errorf(ErrInvalidRequest,
			"%s has a blank where a plus sign seems to be meant: in a form a plus sign is written %%2B", ParamLoginHint)
	}
	return hint, nil
}

// A blank before the digits of a telephone number, or inside the local part of a mail address, was a plus sign that a
// client did not encode: in application/x-www-form-urlencoded "+" is a blank (WHATWG URL §5.1).
var (
	blankBeforeNumber = regexp.MustCompile(`^(?i:tel:)?\s+[0-9(]`)
	blankInMailbox    = regexp.MustCompile(`^\S+\s+\S+@\S+$`)
)

// HasUnencodedPlus reports whether an account identifier shows a plus sign that the form turned into a blank. Taken as
// it is, it would name another account, and its owner would be turned away at the counter.
func HasUnencodedPlus(identifier string) bool {
	return blankBeforeNumber.MatchString(identifier) || blankInMailbox.MatchString(identifier)
}
