package oauth

// Limits of an instance's texts, in characters, documented in docs/protocol.md as draft-richer-oauth-instance-00 §2 asks.
const (
	MaxInstanceName        = 64
	MaxInstanceDescription = 256
)

// Instance is what a client instance says of itself (draft-richer-oauth-instance-00 §2). Nobody has validated it: it
// is shown as self-asserted beside the registered client_name and is never a credential (§4).
type Instance struct {
	Name        string
	Description string
}

// ReadInstance reads instance_name and instance_description, both optional. A description without a name, text over
// its limit, and control, direction and zero-width characters are invalid_request.
func ReadInstance(p Parameters) (Instance, *Error) {
	i := Instance{Name: p.Get(ParamInstanceName), Description: p.Get(ParamInstanceDescription)}
	if i.Name == "" {
		if i.Description != "" {
			return Instance{}, Errorf(ErrInvalidRequest, "%s is sent without %s", ParamInstanceDescription, ParamInstanceName)
		}
		return Instance{}, nil
	}
	if err := readText(ErrInvalidRequest, ParamInstanceName, i.Name, MaxInstanceName); err != nil {
		return Instance{}, err
	}
	if i.Description == "" {
		return i, nil
	}
	if err := readText(ErrInvalidRequest, ParamInstanceDescription, i.Description, MaxInstanceDescription); err != nil {
		return Instance{}, err
	}
	return i, nil
}
