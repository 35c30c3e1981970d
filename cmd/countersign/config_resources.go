package main

import (
	"fmt"
	"slices"
	"strings"

	"countersign/handlers/web"
	"countersign/oauth"
)

// resources reads --resource URI or URI=SCOPE SCOPE (RFC 8707). None means the server's
// own sample API.
func (f *ServeFlags) resources(c *checks, scopes []web.Scope) oauth.Resources {
	var resources oauth.Resources
	for _, value := range f.Resource {
		uri, names, limited := strings.Cut(value, "=")
		resource := oauth.Resource{URI: strings.TrimSpace(uri), Scope: strings.Fields(names)}
		if err := oauth.CheckResourceURI(resource.URI); err != nil {
			c.refuse("resource", fmt.Sprintf("%q: %v", resource.URI, err),
				"Write it like https://api.example.org or https://api.example.org=profile messages")
		}
		if slices.Contains(resources.URIs(), resource.URI) {
			c.refuse("resource", fmt.Sprintf("%q is there twice", resource.URI), "Keep one of them, with all its scopes")
		}
		if limited && len(resource.Scope) == 0 {
			c.refuse("resource", fmt.Sprintf("%q has no scope after the sign =", value), "Name its scopes, or leave out the sign for all of them")
		}
		for _, name := range resource.Scope {
			if !slices.ContainsFunc(scopes, func(s web.Scope) bool { return s.Name == name }) {
				c.refuse("resource", fmt.Sprintf("%q is none of the scopes", name), "Add it as --scope with its words, or leave it out")
			}
		}
		resources = append(resources, resource)
	}
	if len(resources) == 0 {
		return nil
	}
	for _, scope := range scopes {
		if len(resources.Limit(oauth.Scope{scope.Name})) == 0 {
			c.refuse("scope", fmt.Sprintf("%q means nothing at any resource", scope.Name), "Add it to a --resource, or leave it out")
		}
	}
	return resources
}
