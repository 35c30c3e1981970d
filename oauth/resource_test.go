package oauth_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/oauth"
)

const (
	letters  = "https://letters.example"
	payments = "https://payments.example/v1"
	anything = issuer + "/api"
)

func resources() oauth.Resources {
	return oauth.Resources{{URI: anything}, {URI: letters, Scope: oauth.Scope{"messages", "profile"}},
		{URI: payments, Scope: oauth.Scope{"payments"}}}
}

// RFC 8707 §2: an absolute URI without a fragment; ours has no query either.
func TestCheckResourceURI(t *testing.T) {
	for uri, good := range map[string]bool{
		"https://api.example": true, "https://api.example/v1/": true, "urn:example:api": true, "http://127.0.0.1:8080/api": true,
		"": false, "/api": false, "api.example": false, "https://": false, "https://api.example#x": false, "https://api.example#": false,
		"https://api.example?x=1": false, "https://api.example?": false, "https://api.example/a b": false, "https://äpi.example": false,
		"https://api.example/" + strings.Repeat("a", 256): false,
	} {
		if err := oauth.CheckResourceURI(uri); (err == nil) != good {
			t.Errorf("%q: %v", uri, err)
		}
	}
}

// RFC 8707 §2, §2.2: a device authorization is for what it names, each once, or for the first there is.
func TestRequestedResources(t *testing.T) {
	for _, c := range []struct{ named, want string }{
		{"", anything},
		{letters, letters},
		{payments + " " + letters + " " + payments, payments + " " + letters},
	} {
		got, err := resources().Requested(oauth.Parameters{oauth.ParamResource: c.named})
		accepted(t, err)
		if got.String() != c.want {
			t.Errorf("%q is for %q, want %q", c.named, got, c.want)
		}
	}
	for _, named := range []string{"https://elsewhere.example", letters + "/", letters + " https://elsewhere.example", "x"} {
		_, err := resources().Requested(oauth.Parameters{oauth.ParamResource: named})
		refused(t, err, oauth.ErrInvalidTarget)
	}
}

// RFC 8707 §2.2: a token is for one of what was granted; named or the first.
func TestChosenResource(t *testing.T) {
	for _, c := range []struct{ granted, named, want string }{
		{"", "", anything}, // a grant from before there were several
		{"", anything, anything},
		{letters, "", letters},
		{letters + " " + payments, "", letters},
		{letters + " " + payments, payments, payments},
	} {
		got, err := resources().Chosen(strings.Fields(c.granted), oauth.Parameters{oauth.ParamResource: c.named})
		accepted(t, err)
		if got.URI != c.want {
			t.Errorf("of %q, %q named: %q, want %q", c.granted, c.named, got.URI, c.want)
		}
	}
	for name, c := range map[string]struct{ granted, named string }{
		"not granted":             {letters, payments},
		"the default not granted": {letters, anything},
		"several":                 {letters + " " + payments, letters + " " + payments},
		"unknown":                 {letters, "https://elsewhere.example"},
		"granted and gone since":  {"https://gone.example", ""},
		"gone since, and named":   {"https://gone.example", "https://gone.example"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resources().Chosen(strings.Fields(c.granted), oauth.Parameters{oauth.ParamResource: c.named})
			refused(t, err, oauth.ErrInvalidTarget)
		})
	}
	_, err := oauth.Resources{}.Chosen(nil, nil)
	refused(t, err, oauth.ErrInvalidTarget)
}

// RFC 8707 §2.2: scope and resources go together, and a token has of the scope what its resource takes.
func TestScopeOfResources(t *testing.T) {
	all := resources()
	two := all[1:]
	if got := two.Limit(oauth.Scope{"admin", "payments", "profile"}); !slices.Equal(got, oauth.Scope{"payments", "profile"}) {
		t.Errorf("limited to %v", got)
	}
	if got := all[1].Narrow(oauth.Scope{"payments", "profile"}); !slices.Equal(got, oauth.Scope{"profile"}) {
		t.Errorf("narrowed to %v", got)
	}
	if got := all[0].Narrow(oauth.Scope{"payments", "profile"}); len(got) != 2 {
		t.Errorf("a resource for every scope took %v only", got)
	}
	accepted(t, two.CheckScope(nil))
	accepted(t, two.CheckScope(oauth.Scope{"payments", "profile"}))
	accepted(t, all.CheckScope(oauth.Scope{"payments", "profile", "admin"}))
	refused(t, two.CheckScope(oauth.Scope{"payments", "profile", "admin"}), oauth.ErrInvalidScope)
	refused(t, two.CheckScope(oauth.Scope{"payments"}), oauth.ErrInvalidScope)
}
