package deviceclient

import "net/http"

// Challenge is a challenge as tests write it.
type Challenge struct {
	Scheme     string
	Parameters map[string]string
}

// ChallengesForTest reads the challenges of an answer.
func ChallengesForTest(h http.Header) []Challenge {
	var all []Challenge
	for _, c := range challenges(h) {
		all = append(all, Challenge{c.scheme, c.parameters})
	}
	return all
}
