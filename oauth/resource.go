package oauth

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// maxResource bounds a resource's URI, in bytes.
const maxResource = 255

// Resource is an API that access tokens can be for (RFC 8707 §2).
type Resource struct {
	URI   string // the aud of its tokens; see CheckResourceURI
	Scope Scope  // what can be asked for there; empty: every scope
}

// Narrow keeps of scope what this resource takes.
func (r Resource) Narrow(scope Scope) Scope {
	if len(r.Scope) == 0 {
		return scope
	}
	var kept Scope
	for _, token := range scope {
		if r.Scope.Contains(token) {
			kept = append(kept, token)
		}
	}
	return kept
}

// Resources are what a server has tokens for, or what of it a grant is for, in order: the first is the one that is
// meant when nothing is said.
type Resources []Resource

// CheckResourceURI holds a URI to RFC 8707 §2: absolute, no fragment; and here no query either, which the RFC advises
// against.
func CheckResourceURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "":
		return errors.New("it is not an absolute URI")
	case strings.ContainsAny(uri, "#?"):
		return errors.New("it has a query or a fragment")
	case len(uri) > maxResource || strings.ContainsFunc(uri, func(r rune) bool { return r <= 0x20 || r > 0x7e }):
		return errors.New("it is longer than 255 bytes or has characters that no URI has")
	}
	return nil
}

// Requested is what a device authorization request is for: each resource that it names, once, or the first one when it
// names none (RFC 8707 §2, §2.2). One that the server does not have is invalid_target.
func (r Resources) Requested(p Parameters) (Resources, *Error) {
	named := p.Resources()
	if len(named) == 0 {
		return r[:min(1, len(r))], nil
	}
	var requested Resources
	for _, uri := range named {
		resource, err := r.find(uri)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(requested.URIs(), uri) {
			requested = append(requested, resource)
		}
	}
	return requested, nil
}

// Chosen is the one resource that an access token will be for (RFC 8707 §2.2): the one that the token request names,
// or the first one that was granted. Naming several, or one that was not granted, is invalid_target. granted are URIs
// in the order in which they were asked for; nothing means the server's first resource.
func (r Resources) Chosen(granted []string, p Parameters) (Resource, *Error) {
	if len(granted) == 0 {
		granted = r[:min(1, len(r))].URIs()
	}
	named := p.Resources()
	switch {
	case len(named) > 1:
		return Resource{}, Errorf(ErrInvalidTarget, "an access token is for one resource: name one, and refresh for each of the others")
	case len(named) == 0 && len(granted) == 0:
		return Resource{}, Errorf(ErrInvalidTarget, "there is no resource to make a token for")
	case len(named) == 0:
		return r.find(granted[0])
	case !slices.Contains(granted, named[0]):
		return Resource{}, Errorf(ErrInvalidTarget, "ask for a resource that was granted: %s", strings.Join(granted, " "))
	}
	return r.find(named[0])
}

// Limit is what of scope can be asked for together with these resources, for a request that names no scope.
func (r Resources) Limit(scope Scope) Scope {
	var kept Scope
	for _, token := range scope {
		if slices.ContainsFunc(r, func(resource Resource) bool { return len(resource.Narrow(Scope{token})) > 0 }) {
			kept = append(kept, token)
		}
	}
	return kept
}

// CheckScope holds scope and resources to each other: every scope value means something at one of the resources, and
// every resource takes one of them, so that no token comes out empty (RFC 8707 §2.2: the product of both).
func (r Resources) CheckScope(scope Scope) *Error {
	if len(r.Limit(scope)) < len(scope) {
		return Errorf(ErrInvalidScope, "some of the scope means nothing at %s", strings.Join(r.URIs(), " "))
	}
	for _, resource := range r {
		if len(scope) > 0 && len(resource.Narrow(scope)) == 0 {
			return Errorf(ErrInvalidScope, "nothing of the scope means anything at %s", resource.URI)
		}
	}
	return nil
}

// URIs lists the resources' identifiers.
func (r Resources) URIs() []string {
	var uris []string
	for _, resource := range r {
		uris = append(uris, resource.URI)
	}
	return uris
}

// String is the resources as they are stored: URIs with single spaces between them.
func (r Resources) String() string { return strings.Join(r.URIs(), " ") }

func (r Resources) find(uri string) (Resource, *Error) {
	i := slices.IndexFunc(r, func(resource Resource) bool { return resource.URI == uri })
	if i < 0 {
		return Resource{}, Errorf(ErrInvalidTarget, "the resources here are %s", r)
	}
	return r[i], nil
}
