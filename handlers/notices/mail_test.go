package notices_test

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"

	"github.com/emersion/go-smtp"
	"golang.org/x/text/language"
)

// letter is a mail as its reader sees it.
type letter struct {
	netmail.Header
	Subject, Text string
}

func read(t *testing.T, raw string) letter {
	t.Helper()
	message, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v: %q", err, raw)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return letter{message.Header, subject, strings.ReplaceAll(string(text), "\r\n", "\n")}
}

func (p *post) letters(t *testing.T) []letter {
	t.Helper()
	var all []letter
	for _, raw := range p.taken() {
		all = append(all, read(t, raw))
	}
	return all
}

func subjects(letters []letter) []string {
	var all []string
	for _, l := range letters {
		all = append(all, l.Subject)
	}
	slices.Sort(all)
	return all
}

var linkShape = regexp.MustCompile(`http://\S+/not-me/\S+`)

// A whole visit, told by real SMTP with STARTTLS and a password; and no code, token,
// document number or name stands in anything that was sent (docs/protocol.md §6 secrets-told, docs/architecture.md §6, content filtering).
func TestAVisitIsToldByMail(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	phone := w.Phone()
	codes := phone.Ask(map[string]string{"instance_name": "Anna’s phone"})
	w.round(t)
	approval := w.Approve(t, codes.UserCode)
	w.round(t)
	tokens := phone.Poll(codes.DeviceCode).Succeeded(t, 200)
	w.round(t)
	supervisor := w.Supervisor("Sara Supervisor")
	if err := w.Store.RevokeBinding(t.Context(), supervisor.SessionID, approval.Binding.ID, "device_lost"); err != nil {
		t.Fatal(err)
	}
	w.round(t)

	letters := p.letters(t)
	want := []string{"A device asks to be connected to your account", "A device was approved for your account",
		"A device was connected to your account", "A device was disconnected from your account"}
	if got := subjects(letters); !slices.Equal(got, want) {
		t.Fatalf("told %q", got)
	}
	for _, l := range letters {
		if l.Get("To") != "<"+contact+">" || l.Get("From") != `"City of Harbour" <notices@harbour.example>` ||
			l.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(l.Get("Message-Id"), "@127.0.0.1>") {
			t.Errorf("the header is %v", l.Header)
		}
		if !strings.Contains(l.Text, "The device calls itself “Anna’s phone”. Those are its own words.") || strings.Contains(l.Text, "%!") {
			t.Errorf("%s", l.Text)
		}
	}
	if text := letters[1].Text; !strings.Contains(text, "On 4 May 2026 at 11:00 CEST, at the counter “Market Square”") {
		t.Errorf("no counter, or not its time: %s", text)
	}
	secrets := []string{codes.UserCode, strings.ReplaceAll(codes.UserCode, "-", ""), codes.DeviceCode,
		tokens.String("access_token"), tokens.String("refresh_token"), handlerstest.Proof().Number, "Anna Example", "1984"}
	for _, sent := range append(p.taken(), letters[0].Text, letters[1].Text, letters[2].Text, letters[3].Text, w.log.String()) {
		for _, secret := range secrets {
			if secret != "" && strings.Contains(strings.ToLower(sent), strings.ToLower(secret)) {
				t.Errorf("%q was sent in %q", secret, sent)
			}
		}
	}
	if log := w.log.String(); strings.Count(log, "notice sent") != 4 || strings.Contains(log, "post.example") ||
		strings.Contains(log, "not-me") {
		t.Errorf("the log: %s", log)
	}
}

func TestImplicitTLS(t *testing.T) {
	p := newPost(t, true)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.ImplicitTLS)))
	w.Phone().Ask(nil)
	w.round(t)
	if got := len(p.letters(t)); got != 1 {
		t.Errorf("%d mails: %s", got, w.log)
	}
}

// A server that offers no TLS, or shows a certificate of nobody's, gets neither the
// password nor the mail.
func TestNothingIsSentInClear(t *testing.T) {
	p := newPost(t, false)
	untrusted := p.channel(notices.STARTTLS)
	untrusted.TLS = nil
	w := newTown(t, handlerstest.SQLite, byMail(untrusted))
	w.Phone().Ask(nil)
	w.round(t)

	plain := newPost(t, false)
	plain.server.TLSConfig = nil
	w.worker = w.newWorker(t, byMail(plain.channel(notices.STARTTLS)), language.English)
	w.Clock.Advance(10 * time.Minute)
	w.round(t)
	if len(p.taken())+len(plain.taken()) > 0 || len(p.users)+len(plain.users) > 0 {
		t.Error("something was sent")
	}
	if log := w.log.String(); strings.Count(log, "notice not sent") != 2 || !strings.Contains(log, "certificate") {
		t.Errorf("the log: %s", log)
	}
}

// What fails is tried again later, and sent once; what the server refuses for good is given
// up at once. What it said, which repeats the address, is not logged.
func TestFailuresAreTriedAgain(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	p.breaks = &smtp.SMTPError{Code: 451, Message: "later, " + contact}
	w.Phone().Ask(nil)
	w.round(t)
	w.round(t) // not due yet
	if p.offered != 1 {
		t.Fatalf("offered %d times", p.offered)
	}
	p.set(func() { p.breaks = nil })
	w.Clock.Advance(2 * time.Minute)
	w.round(t)
	w.Clock.Advance(time.Hour)
	w.round(t)
	if got := len(p.taken()); got != 1 {
		t.Errorf("%d mails", got)
	}

	p.set(func() { p.refuse, p.offered = &smtp.SMTPError{Code: 550, Message: "no such " + contact}, 0 })
	w.Phone().Ask(nil)
	for range 10 {
		w.round(t)
		w.Clock.Advance(12 * time.Hour)
	}
	if p.offered != 1 {
		t.Errorf("refused for good, and offered %d times", p.offered)
	}
	if got := w.Events(0); !slices.Contains(got, audit.NoticeFailed) {
		t.Errorf("events %v", got)
	}
	if log := w.log.String(); strings.Contains(log, "post.example") || !strings.Contains(log, "code 451") ||
		!strings.Contains(log, "final=true") {
		t.Errorf("the log: %s", log)
	}
}

// A mail server that takes connections and never says a word costs a visit nothing.
func TestAHangingMailServerBlocksNoVisit(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hanging := make(chan struct{}, 16)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
			hanging <- struct{}{}
		}
	}()
	channel := &notices.Mail{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: notices.PlainSMTP,
		From: &netmail.Address{Address: "notices@harbour.example"}}
	w := newTown(t, handlerstest.SQLite, byMail(channel))
	phone := w.Phone()
	codes := phone.Ask(nil)
	ended := make(chan error, 1)
	go func() { ended <- w.worker.Round(t.Context()) }()
	<-hanging
	w.Approve(t, codes.UserCode)
	phone.Poll(codes.DeviceCode).Succeeded(t, 200)
	select {
	case err := <-ended:
		t.Errorf("the worker ended before the visit: %v, %s", err, w.log)
	default:
	}
	listener.Close()
}

// RFC 6531, RFC 5890 §2.3.2.1: a mail server that does not offer SMTPUTF8 is told the domain as A-labels, in the envelope and
// in the header.
func TestInternationalDomain(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	w.contact(t, "anna@bücher.example")
	w.Phone().Ask(nil)
	w.round(t)
	const want = "anna@xn--bcher-kva.example"
	told := slices.ContainsFunc(p.letters(t), func(l letter) bool { return l.Get("To") == "<"+want+">" })
	if !told || !slices.Contains(p.to, want) {
		t.Errorf("offered to %q; told: %v", p.to, told)
	}
}

// Nothing that a stranger or a record says makes a header, a recipient or a link.
func TestNothingIsInjected(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	for _, hostile := range []string{
		"a@post.example\r\nBcc: b@post.example", "a@post.example, b@post.example", "Anna <a@post.example>", "a@post.example>",
		"\"a b\"@post.example", "+44 20 7946 0000", "a", "@", "a@post.example\nSubject: x",
	} {
		w.contact(t, hostile)
		w.Phone().Ask(nil)
		w.round(t)
		w.Clock.Advance(7 * 24 * time.Hour)
	}
	if !slices.Equal(p.to, []string{contact}) { // that it is the contact no more
		t.Errorf("offered to %q", p.to)
	}
	w.contact(t, contact)
	for _, name := range []string{"x”. Log in at https://evil.example/ or evil.example", "Call 0800 123 4567 or a@b.example, <b>now</b>"} {
		w.Phone().Ask(map[string]string{"instance_name": name})
		w.round(t)
		w.Clock.Advance(time.Hour)
	}
	letters := p.letters(t)
	if len(letters) != 3 {
		t.Fatalf("%d letters: %s", len(letters), w.log)
	}
	for _, l := range letters[1:] {
		text := strings.ReplaceAll(linkShape.ReplaceAllString(l.Text, ""), w.Issuer, "")
		for _, never := range []string{"evil.example", "//", "0800", "4567", "a@b", "x”", "<"} {
			if strings.Contains(text, never) {
				t.Errorf("%q stands in %s", never, text)
			}
		}
	}
	for name := range letters[0].Header {
		if !slices.Contains([]string{"From", "To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Content-Language",
			"Mime-Version", "Content-Type", "Content-Transfer-Encoding"}, textproto.CanonicalMIMEHeaderKey(name)) {
			t.Errorf("the header %s: %q", name, letters[0].Header[name])
		}
	}
}

// An account's notices are in its own language where there is a file of it, and in the deployment's where there is none.
func TestNoticesInTheAccountsLanguage(t *testing.T) {
	for tag, want := range map[string]string{"": "de", "ar-EG": "ar", "en": "en", "fi": "de"} {
		p := newPost(t, false)
		w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
		w.worker = w.newWorker(t, byMail(p.channel(notices.STARTTLS)), language.German)
		if _, err := w.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{Line: 2, Identifiers: []string{"anna@example.org"},
			FullName: "Anna Example", DateOfBirth: "1984-02-29", Status: models.AccountActive, Contact: "anna@example.org", Language: &tag}},
			audit.Actor{System: "command"}); err != nil {
			t.Fatal(err)
		}
		w.Phone().Ask(nil)
		w.round(t)
		letters := p.letters(t) // of the changed contact, and of the request
		if len(letters) != 2 || letters[0].Get("Content-Language") != want || letters[1].Get("Content-Language") != want {
			t.Errorf("%q: %d letters, not all in %s", tag, len(letters), want)
		}
	}
}

// A notice ends with who sends it.
func TestNoticesSayWhoSends(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	w.worker.About = notices.About{Name: "City of Harbour", Telephone: "+49 30 1234", Privacy: "https://harbour.example/privacy"}
	w.Phone().Ask(nil)
	w.round(t)
	for _, l := range p.letters(t) {
		if !strings.HasSuffix(strings.TrimSpace(strings.ReplaceAll(l.Text, "\r", "")),
			"\n\nCity of Harbour\nTelephone: +49 30 1234\nPrivacy: https://harbour.example/privacy") {
			t.Error(l.Text)
		}
	}
}

// A deployment chooses the language of its notices; each text has its German.
func TestNoticesInGerman(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	w.worker = w.newWorker(t, byMail(p.channel(notices.STARTTLS)), language.German)
	codes := w.Phone().Ask(nil)
	w.round(t)
	w.Approve(t, codes.UserCode)
	w.round(t)
	for _, l := range p.letters(t) {
		if l.Get("Content-Language") != "de" || strings.Contains(l.Text, "your account") || !strings.Contains(l.Text, " Uhr CEST") ||
			!strings.Contains(l.Subject, "Konto") {
			t.Errorf("%s\n%s", l.Subject, l.Text)
		}
	}
}
