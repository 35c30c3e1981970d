package oauth

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
	return hint, nil
}
