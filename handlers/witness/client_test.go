package witness_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"countersign/audit/tree"
	"countersign/handlers/witness"
)

// tlog-witness, "add-checkpoint": a client takes the witness's own cosignature out of an answer, and the size out of a conflict.
func TestAClientAsks(t *testing.T) {
	f := start(t, t.TempDir())
	client := witness.NewClient(f.key.Verifier, f.http.URL)
	defer client.Close()
	h := newHistory(t, origin, 1).grow("entry", 5)
	signed, err := client.Add(t.Context(), h.asked(0))
	if err != nil || signed.By.ID() != f.key.ID() || !signed.At().Equal(now) {
		t.Fatalf("%+v, %v", signed, err)
	}
	var conflict *witness.ConflictError
	if _, err := client.Add(t.Context(), h.grow("entry", 9).asked(3)); !errors.As(err, &conflict) || conflict.Size != 5 {
		t.Errorf("a conflict: %v", err)
	}
	var refused *witness.RefusedError
	strange := newHistory(t, origin, 2).grow("entry", 5).asked(0)
	if _, err := client.Add(t.Context(), strange); !errors.As(err, &refused) || refused.Status != 403 {
		t.Errorf("a strange key: %v", err)
	}
}

// What a witness answers is bounded, and believed only with its key.
func TestAnswersOfBadWitnesses(t *testing.T) {
	f := start(t, t.TempDir())
	asked := newHistory(t, origin, 1).grow("entry", 5).asked(0)
	_, _, line := f.post(asked.Text())
	other, err := tree.NewCosigner("witness.example/w1", make([]byte, 64))
	if err != nil {
		t.Fatal(err)
	}
	another := newHistory(t, origin, 1).grow("entry", 6).asked(0)
	const none = "holds no cosignature by its key"
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string // none: it cosigns
	}{
		"lines of others before it": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "hello\n— other.example AAAA\n"+other.Cosign(tree.Body(asked.Checkpoint), now).Line("witness.example/w1")+line)
		}, ""},
		"another key": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, other.Cosign(tree.Body(asked.Checkpoint), now).Line("witness.example/w1"))
		}, none},
		"of another checkpoint": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, f.key.Cosign(tree.Body(another.Checkpoint), now).Line("witness.example/w1"))
		}, none},
		"nothing":       {func(http.ResponseWriter) {}, none},
		"half a line":   {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.TrimSuffix(line, "\n")) }, none},
		"without end":   {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)+"\n"+line) }, none},
		"a redirect":    {func(w http.ResponseWriter) { w.Header().Set("Location", f.http.URL); w.WriteHeader(http.StatusFound) }, "answers 302"},
		"a page of 409": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusConflict); _, _ = io.WriteString(w, "5\n") }, "answers 409"},
		"a size that no tree has": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", tree.SizeMediaType)
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, "9223372036854775807\n")
		}, "answers 409"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.answer(w) }))
		client := witness.NewClient(f.key.Verifier, server.URL)
		_, err := client.Add(t.Context(), asked)
		if got := errorText(err); (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		client.Close()
		server.Close()
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
