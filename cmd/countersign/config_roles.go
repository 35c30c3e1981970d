package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// ofObject begins a role that stood as a member of an object in a file of settings: nothing of
// it is a separator.
const ofObject = "\x00"

// separator is a comma between two roles, which variables had before there were semicolons:
// one behind the name of a role.
var separator = regexp.MustCompile(`=\s*(operator|supervisor|administrator)\s*,`)

// roles maps values of the roles claim; nil means the roles' own names. The last = is in front
// of the role, so that a value may have others, as names in a directory do.
func (f *ServeFlags) roles(c *checks) map[string]models.Role {
	if len(f.Role) == 0 {
		return nil
	}
	roles := map[string]models.Role{}
	for _, given := range f.Role {
		for _, one := range c.splitRoles(given) {
			c.role(roles, one)
		}
	}
	return roles
}

func (c *checks) splitRoles(given string) []string {
	if whole, ok := strings.CutPrefix(given, ofObject); ok {
		return []string{whole}
	}
	one := strings.Split(separator.ReplaceAllString(given, "=$1;"), ";")
	if len(one) > 1 && slices.ContainsFunc(one, func(role string) bool { return strings.Count(role, "=") > 1 }) {
		c.refuse("role", fmt.Sprintf("%q may be one role or several", given),
			"Separate several by semicolons, or write an object in the file of settings: {\"role\": {\"VALUE\": \"operator\"}}")
		return nil
	}
	return one
}

func (c *checks) role(roles map[string]models.Role, given string) {
	i := strings.LastIndexByte(given, '=')
	if i < 0 || strings.TrimSpace(given[:i]) == "" || strings.TrimSpace(given[i+1:]) == "" {
		c.refuse("role", fmt.Sprintf("%q has not the form of two parts with = between them", given), "Write it like front-desk=operator")
		return
	}
	value, role := strings.TrimSpace(given[:i]), models.Role(strings.TrimSpace(given[i+1:]))
	switch role {
	case models.Operator, models.Supervisor, models.Administrator:
	default:
		c.refuse("role", fmt.Sprintf("%q is no role", role), "Take operator, supervisor or administrator")
		return
	}
	if before, there := roles[value]; there && before != role {
		c.refuse("role", fmt.Sprintf("%q means two roles, %s and %s", value, before, role),
			"Keep one of them, or let the provider send two values")
	}
	roles[value] = role
}

// roleFlag is the flag that a file of settings may give an object for.
const roleFlag = "role"

// rolesOfObject turns an object of strings into what the flag takes.
func rolesOfObject(object map[string]any) ([]any, bool) {
	var roles []any
	for _, value := range slices.Sorted(maps.Keys(object)) {
		role, ok := object[value].(string)
		if !ok {
			return nil, false
		}
		roles = append(roles, ofObject+value+"="+role)
	}
	return roles, true
}
