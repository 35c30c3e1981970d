package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// health asks where serve listens by its file of settings, as it does by its variables, and tells what the server answered.
func TestHealthReadsTheFileOfSettings(t *testing.T) {
	t.Parallel()
	answers := http.NewServeMux()
	answers.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("{\"problem\":\"no room\"}\n\x1b[2J" + strings.Repeat("x", healthAnswer)))
	})
	plain, secure := httptest.NewServer(answers), httptest.NewTLSServer(answers)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for name, c := range map[string]struct {
		server   *httptest.Server
		settings map[string]any
	}{
		"listen":             {plain, map[string]any{"smtp-from": "no-reply@example.org", "scope": []string{"a=A"}}},
		"listen and the key": {secure, map[string]any{"tls-cert": "cert.pem"}},
	} {
		c.settings["listen"] = c.server.Listener.Addr().String()
		text, err := json.Marshal(c.settings)
		if err != nil {
			t.Fatal(err)
		}
		file := writeFile(t, "settings.json", string(text))
		got := runWith(t, []string{"COUNTERSIGN_CONFIG=" + file}, "", "health")
		if got.code != exitFailed ||
			!strings.Contains(got.stderr, c.server.URL+`/readyz answered 503 Service Unavailable {"problem":"no room"} [2Jxxx`) ||
			len(got.stderr) > healthAnswer+200 {
			t.Errorf("%s: exit code %d, %q", name, got.code, got.stderr)
		}
	}
	unknown := writeFile(t, "settings.json", `{"lisen": ":80"}`)
	got := runWith(t, nil, "", "health", "--config", unknown)
	if got.code != exitUsage || !strings.Contains(got.stderr, "Did you mean listen?") {
		t.Errorf("an unknown setting: exit code %d, %q", got.code, got.stderr)
	}
}

// Where nobody listens health says what to look at, and which settings say where serve listens.
func TestHealthWhereNobodyListens(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	address := gone.Listener.Addr().String()
	got := runWith(t, nil, "", "health", "--listen", address)
	if got.code != exitFailed || !strings.Contains(got.stderr, "nobody listens at "+address) ||
		!strings.Contains(got.stderr, "give --listen") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}
