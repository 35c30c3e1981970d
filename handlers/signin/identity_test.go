package signin

import (
	"strings"
	"testing"

	"countersign/handlers/web"
	"countersign/models"
)

func TestRoles(t *testing.T) {
	mapping := map[string]models.Role{"desk staff": models.Operator, "desk-lead": models.Supervisor}
	tests := []struct {
		name    string
		claim   any
		mapping map[string]models.Role
		want    string
	}{
		{"a list", []any{"supervisor", "operator", "operator"}, nil, "[operator supervisor]"},
		{"a string", "operator", nil, "[operator]"},
		{"separated by blanks", "supervisor operator", nil, "[operator supervisor]"},
		{"unknown values", []any{"root", 7, nil, "administrator"}, nil, "[administrator]"},
		{"nothing", nil, nil, "[]"},
		{"an object", map[string]any{"operator": true}, nil, "[]"},
		{"another case", "Operator", nil, "[]"},
		{"mapped", []any{"desk staff", "desk-lead"}, mapping, "[operator supervisor]"},
		{"mapped, so the own name means nothing", "operator", mapping, "[]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			said := claims{"roles": test.claim}
			got := rolesOf(said.words("roles"), web.StaffProvider{Roles: test.mapping})
			text := "["
			for i, role := range got {
				if i > 0 {
					text += " "
				}
				text += string(role)
			}
			if text += "]"; text != test.want {
				t.Errorf("roles %s, want %s", text, test.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	all := claims{"name": " Olga Operator ", "preferred_username": "olga", "email": "olga@example.org", "sub": "7"}
	for _, want := range []struct{ without, name string }{
		{"", "Olga Operator"}, {"name", "olga"}, {"preferred_username", "olga@example.org"}, {"email", "7"},
	} {
		delete(all, want.without)
		if got := all.name(); got != want.name {
			t.Errorf("without %q the name is %q, want %q", want.without, got, want.name)
		}
	}
	if got := len([]rune(claims{"name": strings.Repeat("ä", 500)}.name())); got != 100 {
		t.Errorf("a name of %d characters", got)
	}
}
