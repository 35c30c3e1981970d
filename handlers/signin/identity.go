package signin

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
)

// longestSID bounds the provider's name of a session, which is opaque.
const longestSID = 255

// claims are what the provider says of somebody of the staff.
type claims map[string]any

// find returns a claim by its exact name, or else along a path of names with dots between
// them, such as realm_access.roles. A name on the path may have dots of its own.
func (c claims) find(name string) (any, bool) {
	if value, ok := c[name]; ok {
		return value, true
	}
	for i := range len(name) {
		if inner, ok := c[name[:i]].(map[string]any); ok && name[i] == '.' {
			if value, ok := claims(inner).find(name[i+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}

// add takes what was not said yet, also inside of objects that both have.
func (c claims) add(more claims) {
	for name, value := range more {
		known, there := c[name]
		if !there {
			c[name] = value
			continue
		}
		inner, isObject := known.(map[string]any)
		if others, ok := value.(map[string]any); ok && isObject {
			claims(inner).add(others)
		}
	}
}

// text returns a claim's value when it is a string, else "".
func (c claims) text(name string) string {
	value, _ := c.find(name)
	text, _ := value.(string)
	return text
}

// list returns the strings of a claim: one, or those of an array.
func (c claims) list(name string) []string {
	value, _ := c.find(name)
	return stringsOf(value)
}

func stringsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
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

// holds reports whether all of these claims are there, with any value.
func (c claims) holds(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := c.find(name); return !ok })
}

// identity reads the claims by the configuration. Roles is empty for somebody who has
// no role here.
func (p *provider) identity(said claims) models.Identity {
	who := models.Identity{
		Issuer: p.app.Staff.Issuer, Subject: said.text("sub"), Name: said.name(),
		Roles: rolesOf(said, p.app.Staff), AuthenticatedAt: p.app.Store.Now(),
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
func rolesOf(said claims, staff web.StaffProvider) []models.Role {
	claim, _ := said.find(staff.ClaimOfRoles())
	values := roleValues(claim, staff.Roles)
	var roles []models.Role
	for _, role := range allRoles() {
		if slices.ContainsFunc(values, func(value string) bool { return means(value, role, staff.Roles) }) {
			roles = append(roles, role)
		}
	}
	return roles
}

func allRoles() []models.Role {
	return []models.Role{models.Operator, models.Supervisor, models.Administrator}
}

// roleValues are what a roles claim may say: the strings of an array as they are; the keys of
// an object, or of the objects in an array, but for those that are false or null; and a
// string, whole if it means a role so, otherwise in its parts between blanks and commas.
func roleValues(claim any, mapping map[string]models.Role) []string {
	switch claim := claim.(type) {
	case string:
		if slices.ContainsFunc(allRoles(), func(role models.Role) bool { return means(claim, role, mapping) }) {
			return []string{claim}
		}
		return strings.FieldsFunc(claim, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	case []any:
		values := stringsOf(claim)
		for _, item := range claim {
			if object, ok := item.(map[string]any); ok {
				values = append(values, roleValues(object, mapping)...)
			}
		}
		return values
	case map[string]any:
		var values []string
		for key, value := range claim {
			if value != nil && value != false {
				values = append(values, key)
			}
		}
		return values
	}
	return nil
}

func means(value string, role models.Role, mapping map[string]models.Role) bool {
	if len(mapping) == 0 {
		return value == string(role)
	}
	return mapping[value] == role
}
