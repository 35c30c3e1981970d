package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Plain is a SET for reading: its header and its claims as they stand in the token, indented by two spaces. It verifies
// nothing, so that it shows also what somebody has changed. The error says that a part is no JSON in base64url.
func (e Entry) Plain() (header, claims string, err error) {
	parts := strings.Split(e.SET, ".")
	if len(parts) != 3 {
		return "", "", errors.New("not a signed token")
	}
	header, err = indented(parts[0])
	if err != nil {
		return "", "", err
	}
	claims, err = indented(parts[1])
	return header, claims, err
}

func indented(part string) (string, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	err = json.Indent(&text, decoded, "", "  ")
	return text.String(), err
}
