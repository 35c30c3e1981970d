package handlerstest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
)

// Answer is an HTTP answer that was read to its end.
type Answer struct {
	Status int
	Header http.Header
	Text   string
	JSON   Object // nil when the body is no JSON object
}

// Do sends a request and reads the answer.
func (s *Server) Do(request *http.Request) Answer {
	s.t.Helper()
	response, err := s.HTTP.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Text: string(body)}
	if json.Unmarshal(body, &answer.JSON) != nil {
		answer.JSON = nil
	}
	return answer
}

// Get is Do for the plainest request.
func (s *Server) Get(path string) Answer {
	s.t.Helper()
	return s.Do(must(http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.Endpoint(path), nil)))
}

// Code returns the error code of the answer, "" when it is none.
func (a Answer) Code() string { return a.String("error") }

// String returns a member of the answer, "" when it is not there.
func (a Answer) String(member string) string {
	text, _ := a.JSON[member].(string)
	return text
}

// Number returns a member of the answer, 0 when it is not there.
func (a Answer) Number(member string) float64 {
	number, _ := a.JSON[member].(float64)
	return number
}

// Members returns the names of the answer's members, in order.
func (a Answer) Members() []string {
	var names []string
	for name := range a.JSON {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Refused demands this status and code, JSON, and that nobody keeps the answer.
func (a Answer) Refused(t testing.TB, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Fatalf("answered %d %s, want %d with %s", a.Status, a.Text, status, code)
	}
	a.protocol(t)
}

// Succeeded demands this status and that nobody keeps the answer.
func (a Answer) Succeeded(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("answered %d %s, want %d", a.Status, a.Text, status)
	}
	a.protocol(t)
	return a
}

func (a Answer) protocol(t testing.TB) {
	t.Helper()
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q, want no-store", got)
	}
	if got := a.Header.Get("Content-Type"); a.JSON != nil && got != "application/json" {
		t.Errorf("Content-Type is %q, want application/json", got)
	}
}
