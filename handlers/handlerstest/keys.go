package handlerstest

import (
	"bytes"

	"countersign/models/keys"
)

// Reseal changes the master key. The running server goes on with the keys that it has;
// Another is one that was started with the new master key.
func (s *Server) Reseal() {
	s.t.Helper()
	s.opening.MasterKey = bytes.Repeat([]byte{1}, keys.MasterKeySize)
	if _, err := s.Store.ResealKeys(s.t.Context(), s.opening.MasterKey); err != nil {
		s.t.Fatal(err)
	}
}
