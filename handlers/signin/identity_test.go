package signin

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
		{"separated by commas", "supervisor, operator", nil, "[operator supervisor]"},
		{"an object's keys", map[string]any{"operator": map[string]any{"1": "x"}, "supervisor": false, "administrator": nil}, nil,
			"[operator]"},
		{"objects in a list", []any{map[string]any{"operator": true}, "supervisor"}, nil, "[operator supervisor]"},
		{"an empty object", map[string]any{}, nil, "[]"},
		{"a string that is mapped whole", "desk staff", mapping, "[operator]"},
		{"a string of which a part is mapped", "desk-lead other", mapping, "[supervisor]"},
		{"a name with commas in it", "CN=Counter,DC=x", map[string]models.Role{"CN=Counter,DC=x": models.Operator}, "[operator]"},
		{"another case", "Operator", nil, "[]"},
		{"mapped", []any{"desk staff", "desk-lead"}, mapping, "[operator supervisor]"},
		{"mapped, so the own name means nothing", "operator", mapping, "[]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			said := claims{"roles": test.claim}
			got := rolesOf(said, web.StaffProvider{Roles: test.mapping})
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

// The roles claim is found by its exact name, and then along a path.
func TestRolesClaimIsFound(t *testing.T) {
	said := claims{
		"realm_access":              map[string]any{"roles": []any{"operator"}},
		"resource_access":           map[string]any{"my.desk": map[string]any{"roles": []any{"supervisor"}}},
		"https://id.example/roles":  []any{"administrator"},
		"a.b":                       "operator",
		"a":                         map[string]any{"b": "supervisor"},
		"text":                      "x",
		"urn:example:project:roles": map[string]any{"operator": map[string]any{"1": "x"}},
	}
	for claim, want := range map[string]string{
		"realm_access.roles": "operator", "resource_access.my.desk.roles": "supervisor", "https://id.example/roles": "administrator",
		"a.b": "operator", "urn:example:project:roles": "operator", "text.roles": "",
		"realm_access": "", "realm_access.": "", ".roles": "", "none": "",
	} {
		got := ""
		for _, role := range rolesOf(said, web.StaffProvider{RolesClaim: claim}) {
			got += string(role)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", claim, got, want)
		}
	}
}

// UserInfo adds what the ID token has not, also inside of an object that both have, and changes nothing of it.
func TestClaimsAreAdded(t *testing.T) {
	said := claims{"sub": "7", "resource_access": map[string]any{"account": map[string]any{"roles": []any{"view"}}}, "address": "x"}
	said.add(claims{
		"sub": "8", "name": "Olga", "address": map[string]any{"country": "NO"},
		"resource_access": map[string]any{"desk": map[string]any{"roles": []any{"operator"}}, "account": map[string]any{"roles": []any{"all"}}},
	})
	for claim, want := range map[string]string{
		"sub": "[7]", "name": "[Olga]", "address": "[x]", "resource_access.desk.roles": "[operator]", "resource_access.account.roles": "[view]",
	} {
		if got := fmt.Sprint(said.list(claim)); got != want {
			t.Errorf("%s: %s, want %s", claim, got, want)
		}
	}
}

// What came is said by its name and its JSON type, and never by its value.
func TestWhyNoRole(t *testing.T) {
	for name, test := range map[string]struct {
		said claims
		want string
	}{
		"nothing":        {claims{}, `there is no claim "groups"`},
		"a number":       {claims{"groups": 7.0}, `the claim "groups" is of JSON type number, and names nothing`},
		"null":           {claims{"groups": nil}, `the claim "groups" is of JSON type null, and names nothing`},
		"others":         {claims{"groups": []any{"secret-a", "secret-b"}}, `JSON type array, and none of its 2 values means a role here`},
		"too many":       {claims{"_claim_names": map[string]any{"groups": "src1"}}, `a link in place of the claim "groups"`},
		"too many, once": {claims{"hasgroups": true}, `a link in place of the claim "groups"`},
	} {
		got := test.said.whyNoRole("groups")
		if !strings.Contains(got, test.want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestWhyNotFresh(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	policy := models.StepUp{MaxAge: time.Minute, ACR: []string{"gold"}}
	for want, said := range map[string]claims{
		"": {"auth_time": 999_990.0, "acr": "gold"},
		`there is no claim "auth_time", though max_age was asked for`:           {"acr": "gold"},
		`the claim "auth_time" is of JSON type string, and has to be a number`:  {"auth_time": "999990", "acr": "gold"},
		`the claim "auth_time" is 2m0s ago`:                                     {"auth_time": 999_880.0, "acr": "gold"},
		`there is no claim "acr"`:                                               {"auth_time": 999_990.0},
		`the claim "acr" (JSON type array) is none of those that are asked for`: {"auth_time": 999_990.0, "acr": []any{"gold"}},
		`the claim "auth_time" is 2m0s ago; there is no claim "acr"`:            {"auth_time": 999_880.0},
	} {
		if got := said.whyNotFresh(policy, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (claims{}).whyNotFresh(models.StepUp{}, now); got != "" {
		t.Errorf("a policy that asks for nothing: %q", got)
	}
}
