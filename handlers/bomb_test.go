package handlers_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// bombs are JWTs that cost their sender little: long, deep, wide, compressed, nested.
func bombs() map[string]string {
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	header := encode(`{"alg":"ES256","typ":"client-authentication+jwt"}`)
	return map[string]string{
		"long":              strings.Repeat("A", 30_000),
		"deep claims":       header + "." + encode(strings.Repeat(`{"a":`, 2000)+"1"+strings.Repeat("}", 2000)) + ".AAAA",
		"deep header":       encode(strings.Repeat(`[`, 3000)+strings.Repeat("]", 3000)) + ".e30.AAAA",
		"many members":      header + "." + encode("{"+strings.Repeat(`"a":1,`, 900)+`"b":2}`) + ".AAAA",
		"compressed":        encode(`{"alg":"dir","enc":"A256GCM","zip":"DEF"}`) + "..AAAA." + strings.Repeat("A", 6000) + ".AAAA",
		"many PBES2 rounds": encode(`{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AAAAAAAAAAA"}`) + ".AAAA.AAAA.AAAA.AAAA",
		"many parts":        strings.Repeat("e30.", 1500),
		"huge number":       header + "." + encode(`{"exp":1e`+strings.Repeat("9", 4000)+`}`) + ".AAAA",
		"huge RSA key": encode(`{"alg":"PS256","typ":"dpop+jwt","jwk":{"kty":"RSA","e":"AQAB","n":"`+strings.Repeat("_", 5000)+`"}}`) +
			".e30." + strings.Repeat("A", 100),
	}
}

// docs/protocol.md §6 slow-and-huge: a JWT bomb, as an assertion or as a proof, is refused in bounded time
// and memory, and leaves no row.
func TestJWTBombsAreBounded(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, "the bomb", func() {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				const times = 10
				for range times {
					if answer := phone.PollRaw("x", handlerstest.Request{Form: map[string]string{"client_assertion": bomb}}); answer.Status < 400 ||
						answer.Status >= 500 {
						t.Fatalf("as an assertion: %d %s", answer.Status, answer.Text)
					}
					answer := phone.PollRaw("x", handlerstest.Request{NoProof: true, Header: http.Header{oauth.HeaderDPoP: {bomb}}})
					if answer.Status < 400 || answer.Status >= 500 {
						t.Fatalf("as a proof: %d %s", answer.Status, answer.Text)
					}
				}
				runtime.ReadMemStats(&after)
				if took := time.Since(began) / times; took > time.Second {
					t.Errorf("took %s each", took)
				}
				if used := (after.TotalAlloc - before.TotalAlloc) / times; used > 8<<20 {
					t.Errorf("allocated %d KiB each", used>>10)
				}
			})
		})
	}
}

// docs/protocol.md §6 slow-and-huge: a body that never ends is cut at its limit, and one that comes slowly
// holds no row, no transaction and no other request up.
func TestSlowBodyHoldsNobodyUp(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	before := s.Snapshot()
	for range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.Issuer, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"Content-Length: 1000\r\n\r\nclient_id=", oauth.PathDeviceAuthorization)
		if err != nil {
			t.Fatal(err)
		}
	}
	if changed := s.Snapshot().Changed(before); len(changed) > 0 {
		t.Errorf("half a request changed %v", changed)
	}
	phone.Ask(nil)
	endless := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken})
	endless.Body, endless.GetBody, endless.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 1<<24)), nil, -1
	if answer, err := s.HTTP.Do(endless); err == nil {
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("an endless body: %d", answer.StatusCode)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
