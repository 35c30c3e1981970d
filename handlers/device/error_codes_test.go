package device_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/handlers"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
)

// Every error code that package oauth has a constant for is provoked here, over HTTP, with the
// status that goes with it. A constant without a way to provoke it fails the test: nothing can
// answer it.
func TestEveryErrorCode(t *testing.T) {
	all := provocations()
	for _, code := range errorCodes(t) {
		t.Run(code, func(t *testing.T) {
			if all[code] == nil {
				t.Fatal("nothing provokes it: add a provocation, or remove the constant")
			}
			answer := all[code](t)
			want := (&oauth.Error{Code: code}).Status()
			answer.Refused(t, want, code)
			if answer.String("error_description") == "" && code != oauth.ErrAuthorizationPending && code != oauth.ErrSlowDown {
				t.Errorf("it says nothing to the developer: %s", answer.Text)
			}
		})
		delete(all, code)
	}
	for code := range all {
		t.Errorf("%s is provoked and is no constant", code)
	}
}

// errorCodes are the string constants of oauth/errors.go whose names begin with Err.
func errorCodes(t *testing.T) []string {
	t.Helper()
	codes := stringConstants(t, "../../oauth/errors.go", "Err")
	if len(codes) < 15 {
		t.Fatalf("only %v", codes)
	}
	return codes
}

// stringConstants returns the values of a file's string constants whose names have the prefix.
func stringConstants(t *testing.T, path, prefix string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, prefix) && len(spec.Values) == 1 {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, _ := strconv.Unquote(literal.Value)
				values = append(values, value)
			}
		}
		return true
	})
	return values
}

type (
	answer  = handlerstest.Answer
	form    = map[string]string
	provoke = func(*testing.T) answer
)

// provocations are a request for each code that is refused with it.
func provocations() map[string]provoke {
	all := map[string]provoke{}
	for _, list := range []map[string]provoke{provokedByRequests(), provokedByPolls(), provokedByRegistrations(), provokedByFaults()} {
		maps.Copy(all, list)
	}
	return all
}

func newPhone(t *testing.T) *handlerstest.Phone {
	return handlerstest.Start(t, handlerstest.Config{}).Phone()
}

func provokedByRequests() map[string]provoke {
	asks := func(form form) provoke {
		return func(t *testing.T) answer { return newPhone(t).AskRaw(handlerstest.Request{Form: form}) }
	}
	return map[string]provoke{
		oauth.ErrInvalidRequest: asks(form{"login_hint": ""}),
		oauth.ErrInvalidClient:  asks(form{"client_assertion": ""}),
		oauth.ErrInvalidScope:   asks(form{"scope": "admin"}),
		oauth.ErrInvalidTarget:  asks(form{"resource": "https://elsewhere.example"}),
		oauth.ErrInsufficientScope: func(t *testing.T) answer {
			s := verifiedServer(t)
			phone := s.Phone()
			token, _ := connected(t, s, phone, "profile")
			return verifiedClaims(s, phone, token)
		},
		oauth.ErrUnauthorizedClient: func(t *testing.T) answer {
			return withoutRefresh(t).Refresh("x", nil)
		},
		oauth.ErrUnsupportedGrantType: func(t *testing.T) answer {
			return newPhone(t).Post(handlerstest.Request{Path: oauth.PathToken, Form: form{"grant_type": "authorization_code"}})
		},
		oauth.ErrInvalidToken: func(t *testing.T) answer { return newPhone(t).WhoAmI("x") },
	}
}

func provokedByPolls() map[string]provoke {
	decided := func(decide func(*testing.T, *handlerstest.Server, string)) provoke {
		return func(t *testing.T) answer {
			s := handlerstest.Start(t, handlerstest.Config{})
			p := s.Phone()
			codes := p.Ask(nil)
			decide(t, s, codes.UserCode)
			return p.Poll(codes.DeviceCode)
		}
	}
	return map[string]provoke{
		oauth.ErrInvalidGrant:         func(t *testing.T) answer { return newPhone(t).Poll("x") },
		oauth.ErrAuthorizationPending: decided(func(*testing.T, *handlerstest.Server, string) {}),
		oauth.ErrSlowDown: func(t *testing.T) answer {
			p := newPhone(t)
			code := p.Ask(nil).DeviceCode
			p.Poll(code)
			return p.Poll(code)
		},
		oauth.ErrAccessDenied: decided(func(t *testing.T, s *handlerstest.Server, code string) { s.Decline(t, code) }),
		oauth.ErrExpiredToken: decided(func(_ *testing.T, s *handlerstest.Server, _ string) { s.Clock.Advance(7 * 24 * time.Hour) }),
		oauth.ErrInvalidDPoPProof: func(t *testing.T) answer {
			return newPhone(t).PollRaw("x", handlerstest.Request{NoProof: true})
		},
		oauth.ErrUseDPoPNonce: func(t *testing.T) answer { return demanding(t).Phone().Poll("x") },
	}
}

func provokedByRegistrations() map[string]provoke {
	registers := func(changes handlerstest.Object) provoke {
		return func(t *testing.T) answer {
			s := handlerstest.Start(t, handlerstest.Config{})
			return s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(changes))
		}
	}
	return map[string]provoke{
		oauth.ErrInvalidClientMetadata:       registers(handlerstest.Object{"client_name": nil}),
		oauth.ErrInvalidSoftwareStatement:    registers(handlerstest.Object{"software_statement": "x"}),
		oauth.ErrUnapprovedSoftwareStatement: unapprovedStatement,
	}
}

func provokedByFaults() map[string]provoke {
	return map[string]provoke{
		oauth.ErrServerError: func(t *testing.T) answer {
			s := handlerstest.Start(t, handlerstest.Config{})
			_ = s.Store.Close() // the database is gone
			return s.Get(oauth.PathJWKS)
		},
		oauth.ErrTemporarilyUnavailable: takesTooLong,
	}
}

// withoutRefresh is a phone that registered the device grant only.
func withoutRefresh(t *testing.T) *handlerstest.Phone {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	phone.Key = handlerstest.NewKey()
	metadata := handlerstest.Metadata(phone.Key).With(handlerstest.Object{"grant_types": []string{oauth.GrantTypeDeviceCode}})
	phone.ClientID = s.Register(metadata).Succeeded(t, http.StatusCreated).String("client_id")
	return phone
}

// unapprovedStatement is well-formed and signed, by a publisher that nobody knows here.
func unapprovedStatement(t *testing.T) handlerstest.Answer {
	s := handlerstest.Start(t, handlerstest.Config{})
	forged := s.Phone()
	statement := forged.Assertion(handlerstest.Forge{Header: handlerstest.Object{"typ": "software-statement+jwt"},
		Claims: handlerstest.Object{"iss": "Unknown Publisher", "software_id": "example.pocketbank", "aud": nil}})
	return s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{"software_statement": statement}))
}

// takesTooLong is a request whose time is over before the database has answered.
func takesTooLong(t *testing.T) handlerstest.Answer {
	s := handlerstest.Start(t, handlerstest.Config{})
	handler, err := handlers.New(web.Config{Store: s.Store, Issuer: s.Issuer, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithDeadline(r.Context(), time.Now())
		defer cancel()
		handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(slow.Close)
	request, _ := http.NewRequest(http.MethodGet, slow.URL+oauth.PathJWKS, nil)
	return s.Do(request)
}
