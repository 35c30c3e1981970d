package signin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/models"
)

// What the log says of a refusal: enough for whoever runs the provider to mend it, and
// nothing of the person.

// whyNoRole says why the claims make nobody of the staff.
func (c claims) whyNoRole(claim string) string {
	value, there := c.find(claim)
	switch {
	case !there && c.overage(claim):
		return fmt.Sprintf("the provider sends a link in place of the claim %q (too many groups): let it send roles of this application, or fewer groups", claim)
	case !there:
		return fmt.Sprintf("there is no claim %q", claim)
	}
	words := fmt.Sprintf("the claim %q is of JSON type %s", claim, jsonType(value))
	if values := roleValues(value, nil); len(values) > 0 {
		return fmt.Sprintf("%s, and none of its %d values means a role here", words, len(values))
	}
	return words + ", and names nothing"
}

// overage finds a claim that is left out for its length (OpenID Connect Core 1.0 §5.6.2,
// distributed claims, as Entra uses them).
func (c claims) overage(claim string) bool {
	elsewhere, _ := c["_claim_names"].(map[string]any)
	_, named := elsewhere[claim]
	return named || c["hasgroups"] == true || c["hasgroups"] == "true"
}

// whyNotFresh says what a sign-in lacks that an approval needs, and what came.
func (c claims) whyNotFresh(policy models.StepUp, now time.Time) string {
	var causes []string
	value, there := c.find("auth_time")
	at, isNumber := value.(float64)
	switch {
	case policy.MaxAge == 0:
	case !there:
		causes = append(causes, "there is no claim \"auth_time\", though max_age was asked for")
	case !isNumber:
		causes = append(causes, fmt.Sprintf("the claim \"auth_time\" is of JSON type %s, and has to be a number", jsonType(value)))
	case now.Sub(time.Unix(int64(at), 0)) > policy.MaxAge:
		causes = append(causes, fmt.Sprintf("the claim \"auth_time\" is %s ago", now.Sub(time.Unix(int64(at), 0)).Round(time.Second)))
	}
	if len(policy.ACR) > 0 && !slices.Contains(policy.ACR, c.text("acr")) {
		value, there := c.find("acr")
		if !there {
			causes = append(causes, "there is no claim \"acr\"")
		} else {
			causes = append(causes, fmt.Sprintf("the claim \"acr\" (JSON type %s) is none of those that are asked for", jsonType(value)))
		}
	}
	return strings.Join(causes, "; ")
}

// jsonType is the type of RFC 8259 §3 that a decoded value had.
func jsonType(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	}
	return "object"
}
