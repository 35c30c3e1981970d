package oauth

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// RFC 7591 §3.1.1: no member of the client metadata is forgotten among those that a statement can say.
func TestStatementSaysEveryMember(t *testing.T) {
	var members []string
	for field := range reflect.TypeFor[ClientMetadata]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "software_statement" {
			members = append(members, name)
		}
	}
	if !slices.Equal(members, clientMetadataMembers) {
		t.Errorf("members are %v, of a statement %v", members, clientMetadataMembers)
	}
}
