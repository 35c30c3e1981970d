package oauth

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parameter names by the document that defines them.
const (
	// RFC 6749 §2.3.1, §3.3, §4.5, §6
	ParamClientID     = "client_id"
	ParamClientSecret = "client_secret"
	ParamGrantType    = "grant_type"
	ParamRefreshToken = "refresh_token"
	ParamScope        = "scope"

	// RFC 7521 §4.2
	ParamClientAssertion     = "client_assertion"
	ParamClientAssertionType = "client_assertion_type"

	// RFC 8628 §3.2, §3.4
	ParamDeviceCode = "device_code"

	// OpenID Connect Core §3.1.2.1; at the device authorization endpoint it names the account
	ParamLoginHint = "login_hint"

	// draft-richer-oauth-instance-00 §2
	ParamInstanceName        = "instance_name"
	ParamInstanceDescription = "instance_description"

	// RFC 7009 §2.1, RFC 7662 §2.1
	ParamToken = "token"

	// RFC 8707 §2
	ParamResource = "resource"
)

// Grant types, as sent in grant_type and registered in grant_types.
const (
	GrantTypeDeviceCode   = "urn:ietf:params:oauth:grant-type:device_code" // RFC 8628 §3.4
	GrantTypeRefreshToken = "refresh_token"                                // RFC 6749 §6
)

// ClientAssertionTypeJWTBearer is the one client_assertion_type taken (RFC 7523 §2.2).
const ClientAssertionTypeJWTBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Parameters are a request's parameters, each at most once and none of them empty. Unknown ones are kept and ignored.
// Only resource may come several times: its values stand with single spaces between them; see Resources.
type Parameters map[string]string

// ParseParameters reads a body of application/x-www-form-urlencoded (WHATWG URL §5.1), in which a semicolon is a character like any
// other, and judges it as ReadParameters does.
func ParseParameters(body string) (Parameters, *Error) {
	if p, read := plainParameters(body); read {
		return p, nil
	}
	form, err := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
	if err != nil {
		return nil, Errorf(ErrInvalidRequest, "the body is no form, or was cut off")
	}
	return ReadParameters(form)
}

// plainParameters reads a form of parameters that are written as usual, each once and with a value. Whatever else may be a
// form too it does not read (FuzzParseParameters).
func plainParameters(body string) (Parameters, bool) {
	p := make(Parameters, 8)
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := p[name]; twice || name == "" || name == ParamResource || !consistsOf(name, inName) || strings.Contains(value, ";") {
			return nil, false
		}
		if strings.ContainsAny(value, "%+") {
			var err error
			if value, err = url.QueryUnescape(value); err != nil {
				return nil, false
			}
		}
		if value == "" || !storable(value) {
			return nil, false
		}
		p[name] = value
	}
	return p, true
}

func inName(c byte) bool { return 'a' <= c && c <= 'z' || c == '_' }

// ReadParameters judges a decoded form (RFC 6749 §3.2, RFC 8628 §3.1): a repeated parameter is invalid_request, also
// when one of its values is empty; an empty one counts as omitted; invalid UTF-8 and NUL are refused anywhere. The one
// exception is resource, which RFC 8707 §2 lets a client repeat.
// The caller passes the body's form only, never the query: RFC 6749 §2.3.1 keeps credentials out of URLs.
func ReadParameters(form url.Values) (Parameters, *Error) {
	p := make(Parameters, len(form))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !storable(name) {
			return nil, Errorf(ErrInvalidRequest, "a parameter's name is not valid text")
		}
		values := form[name]
		if name == ParamResource {
			resources, err := readResources(values)
			if err != nil {
				return nil, err
			}
			values = resources
		}
		if len(values) > 1 {
			return nil, Errorf(ErrInvalidRequest, "parameter %.40s is sent more than once", name)
		}
		if len(values) == 0 || values[0] == "" {
			continue
		}
		if !storable(values[0]) {
			return nil, Errorf(ErrInvalidRequest, "parameter %.40s is not valid text", name)
		}
		p[name] = values[0]
	}
	return p, nil
}

// readResources makes one value of all. A URI has no space, so that a space tells two of them apart.
func readResources(values []string) ([]string, *Error) {
	var named []string
	for _, value := range values {
		if strings.ContainsFunc(value, unicode.IsSpace) {
			return nil, Errorf(ErrInvalidTarget, "%s is not a URI", ParamResource)
		}
		if value != "" {
			named = append(named, value)
		}
	}
	return []string{strings.Join(named, " ")}, nil
}

// Resources are the values of resource (RFC 8707 §2), as they were sent.
func (p Parameters) Resources() []string {
	return strings.Fields(p.Get(ParamResource))
}

// Get is the value of the named parameter, "" when it was omitted or empty.
func (p Parameters) Get(name string) string {
	return p[name]
}

// storable says whether every database takes s as text: UTF-8 with no NUL.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}
