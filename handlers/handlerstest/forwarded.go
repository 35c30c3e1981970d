package handlerstest

import (
	"bytes"
	"net/http"

	"countersign/oauth"
)

// RegisterFrom is Register with a forwarded address, as a proxy sends it, or somebody who
// would like to be one.
func (s *Server) RegisterFrom(address string, metadata Object) Answer {
	s.t.Helper()
	request := must(http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.Endpoint(oauth.PathRegistration),
		bytes.NewReader(toJSON(metadata))))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", address)
	return s.Do(request)
}
