package models

import (
	"crypto/hmac"
	"encoding/base64"
	"strings"
	"time"

	"countersign/models/keys"
)

// RepudiationLife is how long the link in a notice can be used.
const RepudiationLife = 30 * 24 * time.Hour

// repudiationToken is the link's: whose notice it is, and a MAC that only this server can
// make. Nothing of it is stored, so that nobody who reads the database can use it.
func (s *Store) repudiationToken(noticeID string) string {
	return s.repudiationTokenBy(keys.Repudiation, noticeID)
}

func (s *Store) repudiationTokenBy(purpose keys.Purpose, noticeID string) string {
	return noticeID + "." + base64.RawURLEncoding.EncodeToString(s.mac(purpose, "not me\x00"+noticeID))
}

// noticeOfLink finds the notice of a token, before the database is asked. Error: ErrNotFound.
func (s *Store) noticeOfLink(token string) (string, error) {
	id, _, _ := strings.Cut(token, ".")
	for _, purpose := range []keys.Purpose{keys.Repudiation, keys.UserCode} { // links from before shared a key with user codes
		if id != "" && hmac.Equal([]byte(token), []byte(s.repudiationTokenBy(purpose, id))) {
			return id, nil
		}
	}
	return "", ErrNotFound
}
