package term

// Role is what a member of staff may do here.
type Role string

// The roles.
const (
	RoleOperator      Role = "operator"      // checks people and phones at a counter
	RoleSupervisor    Role = "supervisor"    // reviews the trail
	RoleAdministrator Role = "administrator" // manages accounts, counters and apps
)

// Roles lists the set.
func Roles() []Role {
	return []Role{
		RoleOperator, RoleSupervisor, RoleAdministrator,
	}
}

// Label returns it in plain English.
func (r Role) Label() string {
	return string(r)
}
