package signin

import (
	"slices"
	"strings"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
)

// longestSID bounds the provider's name of a session, which is opaque.
const longestSID = 255

// claims are what the provider says of somebody of the staff.
type claims map[string]any

// text returns a claim's value when it is a string, else "".
func (c claims) text(name string) string {
	value, _ := c[name].(string)
	return value
}

// words returns a claim's value as a list: a string is split at white space, a list is
// taken as it is.
func (c claims) words(name string) []string {
	switch value := c[name].(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var words []string
		for _, item := range value {
			if word, ok := item.(string); ok {
				words = append(words, word)
			}
		}
		return words
	}
	return nil
}

// list returns what words does, but a string is one value, with its white space.
func (c claims) list(name string) []string {
	if value := c.text(name); value != "" {
		return []string{value}
	}
	return c.words(name)
}

// holds reports whether all of these claims are there, with any value.
func (c claims) holds(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := c[name]; return !ok })
}

// identity reads the claims by the configuration. Roles is empty for somebody who has
// no role here.
func (p *provider) identity(said claims) models.Identity {
	who := models.Identity{
		Issuer: p.app.Staff.Issuer, Subject: said.text("sub"), Name: said.name(),
		Roles: rolesOf(said.words(p.app.Staff.ClaimOfRoles()), p.app.Staff), AuthenticatedAt: p.app.Store.Now(),
		SID: console.FirstRunes(said.text("sid"), longestSID), ACR: said.text("acr"),
	}
	if at, ok := said["auth_time"].(float64); ok {
		who.AuthenticatedAt = time.Unix(int64(at), 0)
	} else if p.app.Store.Policy().StepUp.MaxAge > 0 {
		who.AuthenticatedAt = time.Time{} // a sign-in without its time is not taken to be fresh
	}
	for _, claim := range p.app.Staff.AccountClaimNames() {
		who.Identifiers = append(who.Identifiers, said.list(claim)...)
	}
	return who
}

// name returns what the console calls somebody, the best that the provider has.
func (c claims) name() string {
	for _, claim := range []string{"name", "preferred_username", "email", "sub"} {
		if name := strings.TrimSpace(c.text(claim)); name != "" {
			const longest = 100
			return console.FirstRunes(name, longest)
		}
	}
	return ""
}

// rolesOf maps the values of the roles claim; one that means nothing here is passed
// over. The answer is in the order of the roles, each once.
func rolesOf(values []string, staff web.StaffProvider) []models.Role {
	var roles []models.Role
	for _, role := range []models.Role{models.Operator, models.Supervisor, models.Administrator} {
		if slices.ContainsFunc(values, func(value string) bool { return means(value, role, staff.Roles) }) {
			roles = append(roles, role)
		}
	}
	return roles
}

func means(value string, role models.Role, mapping map[string]models.Role) bool {
	if len(mapping) == 0 {
		return value == string(role)
	}
	return mapping[value] == role
}
