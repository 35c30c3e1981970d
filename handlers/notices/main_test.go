package notices_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/views"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"golang.org/x/text/language"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

const contact = "anna@post.example"

// post is a mail server that keeps what it takes.
type post struct {
	server *smtp.Server
	port   int
	roots  *x509.CertPool

	mu      sync.Mutex
	mails   []string
	users   []string
	to      []string
	refuse  error // to RCPT TO
	breaks  error // after DATA
	offered int   // recipients that were offered
}

// newPost listens on loopback, with TLS from the first byte, or by STARTTLS.
func newPost(t *testing.T, implicit bool) *post {
	t.Helper()
	certificate, roots := selfSigned(t)
	p := &post{roots: roots}
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }))
	p.server.Domain = "mail.example"
	p.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, p.server.TLSConfig)
	}
	go func() { _ = p.server.Serve(listener) }()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().
					Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, roots
}

// channel sends to this server, with a password.
func (p *post) channel(security notices.SMTPSecurity) *notices.Mail {
	return &notices.Mail{Host: "127.0.0.1", Port: p.port, Security: security,
		From: &netmail.Address{Name: "City of Harbour", Address: "notices@harbour.example"},
		User: "countersign", Password: "correct horse", TLS: &tls.Config{RootCAs: p.roots, MinVersion: tls.VersionTLS12}}
}

func (p *post) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.mails...)
}

func (p *post) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// session is one connection to a post.
type session struct {
	*post
	signedIn bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "countersign" || password != "correct horse" {
			return smtp.ErrAuthFailed
		}
		s.set(func() { s.users = append(s.users, user) })
		s.signedIn = true
		return nil
	}), nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.signedIn {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	s.set(func() { s.to, s.offered, err = append(s.to, to), s.offered+1, s.refuse })
	return err
}
func (s *session) Data(r io.Reader) (err error) {
	content, err := io.ReadAll(r)
	s.set(func() {
		if err == nil {
			err = s.breaks
		}
		if err == nil {
			s.mails = append(s.mails, string(content))
		}
	})
	return err
}

// town is a server whose account has a contact, with a worker that tells it.
type town struct {
	*handlerstest.Server
	worker *notices.Worker
	log    *workersLog
}

// workersLog is what all workers of a town log: each of them has a handler of its own.
type workersLog struct {
	mutex sync.Mutex // guards text
	text  strings.Builder
}

func (l *workersLog) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *workersLog) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// newTown starts one whose notices go by these channels.
func newTown(t *testing.T, dialect handlerstest.Dialect, channels map[models.Channel]notices.Channel) *town {
	t.Helper()
	return newTownOf(t, handlerstest.Config{Dialect: dialect}, channels)
}

func newTownOf(t *testing.T, config handlerstest.Config, channels map[models.Channel]notices.Channel) *town {
	t.Helper()
	for _, channel := range []models.Channel{models.ChannelMail, models.ChannelWebhook} {
		if channels[channel] != nil {
			config.Policy.NoticeChannels = append(config.Policy.NoticeChannels, channel)
		}
	}
	w := &town{Server: handlerstest.Start(t, config), log: &workersLog{}}
	w.contact(t, contact)
	w.worker = w.newWorker(t, channels, language.English)
	return w
}

func (w *town) contact(t *testing.T, contact string) {
	t.Helper()
	w.account(t, contact, "anna@example.org", "K-1001")
}

// person is another account, whose contact is its identifier.
func (w *town) person(t *testing.T, identifier string) { w.account(t, identifier, identifier) }

func (w *town) account(t *testing.T, contact string, identifiers ...string) {
	t.Helper()
	_, err := w.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{Line: 2, Identifiers: identifiers,
		FullName: "Anna Example", DateOfBirth: "1984-02-29", Status: models.AccountActive, Contact: contact}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *town) newWorker(t *testing.T, channels map[models.Channel]notices.Channel, tag language.Tag) *notices.Worker {
	t.Helper()
	words, err := views.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	return notices.NewWorker(notices.Config{Store: w.Store, Words: words, Language: tag, Channels: channels,
		Log:  slog.New(slog.NewTextHandler(w.log, nil)),
		Wait: func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }})
}

func (w *town) round(t *testing.T) {
	t.Helper()
	if err := w.worker.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// byMail is a channel map.
func byMail(channel notices.Channel) map[models.Channel]notices.Channel {
	return map[models.Channel]notices.Channel{models.ChannelMail: channel}
}
