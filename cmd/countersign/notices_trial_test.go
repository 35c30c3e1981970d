package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// trialVariables are the settings of a server with an account K-1 that has a contact.
func trialVariables(t *testing.T) []string {
	t.Helper()
	environ, _ := migratedFile(t)
	file := writeFile(t, "accounts.csv", "identifiers,name,date_of_birth,contact,status\n"+
		"K-1,Ada Example,1980-05-31,ada.example@post.example,active\nK-2,Ben Example,1980-05-31,,active\n")
	if got := runWith(t, environ, "", "accounts", "import", file); got.code != 0 {
		t.Fatal(got.stderr)
	}
	return environ
}

// trailText is the trail, as a table.
func trailText(t *testing.T, environ []string) string {
	t.Helper()
	got := runWith(t, environ, "", "audit", "export", "--format", "csv")
	if got.code != 0 {
		t.Fatal(got.stderr)
	}
	return got.stdout
}

// A test notice is told step by step, and its text says what it is; nothing waits to be sent again, and the trail says that it was
// sent, before it is. To an account's contact it goes without that standing anywhere.
func TestNoticesTest(t *testing.T) {
	t.Parallel()
	sink, environ := startMailSink(t), trialVariables(t)
	args := append([]string{"notices", "test"}, sink.flags()...)
	got := runWith(t, environ, "", append(args, "--to", "chief@post.example")...)
	for _, want := range []string{
		"by mail:\n", "client: EHLO 127.0.0.1\n", "client: MAIL FROM:<notices@harbour.example>", "client: RCPT TO:<chief@post.example>\n",
		"server: 250 ", "taken\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("nothing of %q: %s%s", want, got.stdout, got.stderr)
		}
	}
	text := sink.wait(t, "Test message")[0]
	if got.code != 0 || !strings.Contains(text, "This is a test: an administrator wanted to see that messages arrive.") {
		t.Errorf("exit code %d, %s", got.code, text)
	}
	got = runWith(t, environ, "", append(args, "--account", "K-1", "--notice-language", "de")...)
	text = sink.wait(t, "Testnachricht")[0]
	said := strings.ToLower(got.stdout + got.stderr)
	if got.code != 0 || strings.Contains(said, "ada.example") || strings.Contains(said, "post.example") ||
		!strings.Contains(got.stdout, "client: RCPT TO:<<contact>>\n") || !strings.Contains(text, "Dies ist ein Test") {
		t.Errorf("exit code %d, %s%s%s", got.code, got.stdout, got.stderr, text)
	}
	got = runWith(t, environ, "", append(args, "--alert", "--alert-mail", "supervisors@post.example")...)
	if sink.wait(t, "Test message"); got.code != 0 || !strings.Contains(got.stdout, "an alert by mail:\n") {
		t.Errorf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	trail := trailText(t, environ)
	if strings.Count(trail, "Test notice") != 3 || !strings.Contains(trail, "an alert by mail") || strings.Contains(trail, "post.example") {
		t.Errorf("the trail: %s", trail)
	}
}

// refusingMail is a mail server that knows nobody, and repeats whom.
type refusingMail struct{ *mailSink }

func (refusingMail) Rcpt(to string, _ *smtp.RcptOptions) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "\x1b[2Jno " + to + " here"}
}

// What a server refuses, and that none is there, is told with its words, but for an account's contact, and the exit code is 1.
func TestNoticesTestIsRefused(t *testing.T) {
	t.Parallel()
	environ := trialVariables(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return refusingMail{}, nil }))
	server.Domain = "mail.example"
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	flags := []string{"notices", "test", "--smtp-security", "none", "--smtp-from", "notices@harbour.example", "--smtp-address"}
	got := runWith(t, environ, "", append(flags, listener.Addr().String(), "--account", "K-1")...)
	if got.code != exitFailed || !strings.Contains(got.stdout, "5.1.1") || !strings.Contains(got.stdout, "no <contact> here") ||
		strings.Contains(got.stdout+got.stderr, "ada.example") || strings.ContainsRune(got.stdout+got.stderr, '\x1b') ||
		!strings.Contains(got.stderr, "not taken: the mail server refused") || !strings.Contains(got.stderr, "\nNext: ") {
		t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	nobody, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	got = runWith(t, environ, "", append(flags, nobody, "--to", "chief@post.example")...)
	if got.code != exitFailed || !strings.Contains(got.stdout, "connection refused") {
		t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

// A webhook gets the test as it gets notices, signed; what it answers is told.
func TestNoticesTestByWebhook(t *testing.T) {
	t.Parallel()
	environ, status, bodies := trialVariables(t), http.StatusNoContent, make(chan []byte, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Countersign-Signature") == "" {
			err = errors.Join(err, errors.New("unsigned"))
			t.Error(err)
		}
		bodies <- body
		w.WriteHeader(status)
	}))
	t.Cleanup(receiver.Close)
	secret := strings.Repeat("s", 32)
	notice := []string{"notices", "test", "--notice-webhook", receiver.URL, "--notice-webhook-secret", secret, "--account", "K-1"}
	alert := []string{"notices", "test", "--alert-webhook", receiver.URL, "--alert-webhook-secret", secret, "--alert"}
	for _, c := range []struct {
		args        []string
		field, want string
	}{{notice, "occasion", "to the webhook:\ntaken\n"}, {alert, "alert", "an alert to the webhook:\ntaken\n"}} {
		got := runWith(t, environ, "", c.args...)
		if got.code != 0 || got.stdout != c.want {
			t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
		}
		var sent map[string]any
		if err := json.Unmarshal(<-bodies, &sent); err != nil || sent[c.field] != "test" || sent["subject"] != "Test message" {
			t.Errorf("%v, %v", sent, err)
		}
	}
	status = http.StatusTeapot
	if got := runWith(t, environ, "", notice...); got.code != exitFailed || !strings.Contains(got.stderr, "the webhook answered 418") {
		t.Errorf("exit code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

// What is wrong is named, with what to do.
func TestNoticesTestCalledWrongly(t *testing.T) {
	t.Parallel()
	sink, environ := startMailSink(t), trialVariables(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nobody":     {nil, exitUsage, "Give one of --to, --account and --alert"},
		"two":        {[]string{"--to", "ada@post.example", "--alert"}, exitUsage, "Give one of --to, --account and --alert"},
		"no address": {[]string{"--to", "Ada <ada@post.example>"}, exitUsage, "is not a bare mail address"},
		"no way":     {[]string{"--alert"}, exitUsage, "Give --alert-mail or --alert-webhook, as to serve"},
		"no account": {[]string{"--account", "K-9"}, exitFailed, "there is no such account.\nNext: "},
		"no contact": {[]string{"--account", "K-2"}, exitFailed, "has no contact.\nNext: "},
	} {
		args := append(append([]string{"notices", "test"}, sink.flags()...), c.args...)
		if got := runWith(t, environ, "", args...); got.code != c.code || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: exit code %d, %q", name, got.code, got.stderr)
		}
	}
}
