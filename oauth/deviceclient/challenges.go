package deviceclient

import (
	"net/http"
	"regexp"
	"strings"
)

// challenge is one challenge of a WWW-Authenticate header (RFC 9110 §11.6.1). The names
// of its parameters are in small letters.
type challenge struct {
	scheme     string
	parameters map[string]string
}

// token68 is what some schemes have in place of parameters (RFC 9110 §11.2).
var token68 = regexp.MustCompile(`^[ \t]+[A-Za-z0-9._~+/-]+=*[ \t]*(?:,|$)`)

// challenges reads all challenges of an answer, over all its WWW-Authenticate fields. What
// cannot be read ends its field.
func challenges(h http.Header) []challenge {
	var all []challenge
	for _, field := range h.Values("WWW-Authenticate") {
		all = append(all, readChallenges(field)...)
	}
	return all
}

// readChallenges reads a list in which a comma stands between challenges and between the
// parameters of one: a token with a "=" behind it is a parameter, any other a scheme.
func readChallenges(field string) (all []challenge) {
	rest := field
	for {
		rest = strings.TrimLeft(rest, " \t,")
		name, after := cutToken(rest)
		if name == "" {
			return all
		}
		value, after, isParameter := cutValue(after)
		switch {
		case isParameter && len(all) > 0:
			all[len(all)-1].parameters[strings.ToLower(name)] = value
		case isParameter:
			return all // no scheme to belong to
		default:
			all = append(all, challenge{name, map[string]string{}})
			after = after[len(token68.FindString(after)):]
		}
		rest = after
	}
}

// cutToken splits off a token (RFC 9110 §5.6.2), "" when there is none.
func cutToken(s string) (token, rest string) {
	end := 0
	for end < len(s) && (s[end] > ' ' && s[end] < 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, rune(s[end]))) {
		end++
	}
	return s[:end], s[end:]
}

// cutValue reads "=" and what it gives a parameter: a token or a quoted string (RFC 9110
// §5.6.4). Without a "=" there is no parameter, and nothing is read.
func cutValue(s string) (value, rest string, is bool) {
	after, is := strings.CutPrefix(strings.TrimLeft(s, " \t"), "=")
	if !is {
		return "", s, false
	}
	after = strings.TrimLeft(after, " \t")
	if !strings.HasPrefix(after, `"`) {
		value, rest = cutToken(after)
		return value, rest, true
	}
	var text strings.Builder
	for i := 1; i < len(after); i++ {
		switch after[i] {
		case '"':
			return text.String(), after[i+1:], true
		case '\\':
			if i++; i == len(after) {
				return "", "", true
			}
		}
		text.WriteByte(after[i])
	}
	return "", "", true // it never ends: nothing behind it can be told apart
}
