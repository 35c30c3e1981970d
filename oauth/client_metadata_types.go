package oauth

import "github.com/go-jose/go-jose/v4/json"

// wrongMetadata returns the refusal of a body that does not decode: it names the first member of another JSON type than
// its own (RFC 7591 §2), since whoever writes the app has no other way to find it.
func wrongMetadata(body []byte) *Error {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return refuseMetadata("the request is not a JSON object of client metadata")
	}
	for _, name := range clientMetadataMembers {
		value, there := members[name]
		if !there {
			continue
		}
		var request clientMetadataRequest
		alone, err := json.Marshal(map[string]*json.RawMessage{name: &value})
		if err != nil || json.Unmarshal(alone, &request) != nil {
			return refuseMetadata("%s must be %s", name, metadataType(name))
		}
	}
	return refuseMetadata("the request is not a JSON object of client metadata")
}

// metadataType is a member's JSON type, for people.
func metadataType(name string) string {
	switch name {
	case "grant_types", "response_types":
		return "an array of strings"
	case "dpop_bound_access_tokens":
		return "true or false"
	}
	return "a string"
}
