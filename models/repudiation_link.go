package models

import (
	"crypto/hmac"
	"crypto/sha256"
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
	mac := hmac.New(sha256.New, s.keys.MACKey(keys.UserCode))
	mac.Write([]byte("not me\x00" + noticeID))
	return noticeID + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// noticeOfLink finds the notice of a token, before the database is asked. Error: ErrNotFound.
func (s *Store) noticeOfLink(token string) (string, error) {
	id, _, _ := strings.Cut(token, ".")
	if id == "" || !hmac.Equal([]byte(token), []byte(s.repudiationToken(id))) {
		return "", ErrNotFound
	}
	return id, nil
}
