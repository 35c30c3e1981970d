package term

// SignInRefusal is why somebody who came back from the organisation's provider was not let in.
type SignInRefusal string

// Why a sign-in was refused.
const (
	SignInWithoutRole    SignInRefusal = "no role"
	SignInIDTokenRefused SignInRefusal = "id token refused"
	SignInRefusedThere   SignInRefusal = "refused by the provider"
)

// SignInRefusals lists the set.
func SignInRefusals() []SignInRefusal {
	return []SignInRefusal{SignInWithoutRole, SignInIDTokenRefused, SignInRefusedThere}
}

// Label returns it in plain English.
func (r SignInRefusal) Label() string { return string(r) }
