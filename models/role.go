package models

import (
	"strings"

	"countersign/audit/term"
)

// Role is what somebody of the staff may do.
type Role string

// The roles, from a claim of the organisation's OpenID Provider.
const (
	Operator      Role = Role(term.RoleOperator)
	Supervisor    Role = Role(term.RoleSupervisor)
	Administrator Role = Role(term.RoleAdministrator)
)

func joinRoles(roles []Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, string(role))
	}
	return strings.Join(words, " ")
}

func splitRoles(words string) []Role {
	var roles []Role
	for _, word := range strings.Fields(words) {
		roles = append(roles, Role(word))
	}
	return roles
}
