package notices

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"countersign/models/spelling"

	"github.com/wneessen/go-mail"
)

// SMTPSecurity is how the connection to the mail server is protected.
type SMTPSecurity string

// The ways.
const (
	STARTTLS    SMTPSecurity = "starttls" // refused by a server that does not offer it
	ImplicitTLS SMTPSecurity = "tls"
	PlainSMTP   SMTPSecurity = "none" // on loopback only
)

// Mail is the channel by SMTP. User "" means without authentication.
type Mail struct {
	Host     string
	Port     int
	Security SMTPSecurity
	From     *netmail.Address
	User     string
	Password string
	TLS      *tls.Config   // nil: the system's certificate authorities
	Timeout  time.Duration // for each step; 0: 15 seconds

	step func(string) // nil: nobody is told the steps
}

const mailStep = 15 * time.Second

// Send is part of Channel. A mail that the server has taken counts as sent.
func (m *Mail) Send(ctx context.Context, message Message) error {
	mailed, err := m.message(message)
	if err != nil {
		return err
	}
	client, err := m.client(message.Issuer)
	if err != nil {
		return &Failure{Why: "the mail settings: " + err.Error()}
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		m.tell(err.Error())
		return &Failure{Why: connecting(err), Unreachable: true}
	}
	defer func() { _ = client.CloseWithSMTPClient(connection) }() // sent or not is known by then
	if err := client.SendWithSMTPClient(connection, mailed); err != nil {
		m.tell(err.Error())
		return mailFailure(err)
	}
	m.tell("server: " + mailed.ServerResponse())
	return nil
}

func (m *Mail) tell(step string) {
	if m.step != nil {
		m.step(step)
	}
}

// Check reports whether the mail server lets us in, within one step's time: it is there, its certificate is accepted, and
// so are name and password. Nothing is sent. The error says no more than the network's words.
func (m *Mail) Check(ctx context.Context, issuer string) error {
	client, err := m.client(issuer)
	if err != nil {
		return &Failure{Why: "the mail settings: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(m.Timeout, mailStep))
	defer cancel()
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return &Failure{Why: connecting(err), Unreachable: true}
	}
	_ = client.CloseWithSMTPClient(connection)
	return nil
}

// message builds the mail. The contact is one bare address or nothing at all, the subject is
// ours, and everything that others wrote is in the body: no stranger makes a header.
func (m *Mail) message(message Message) (*mail.Msg, error) {
	to, err := mailAddress(message.Contact)
	if err != nil {
		return nil, &Failure{Why: "the account's contact is not a mail address", Final: true}
	}
	mailed := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	mailed.FromMailAddress(m.From)
	to.Address = spelling.Envelope(to.Address)
	mailed.ToMailAddress(to)
	mailed.Subject(message.Subject)
	mailed.SetDateWithValue(message.Now)
	mailed.SetMessageIDWithValue(message.ID + "@" + hostOf(message.Issuer)) // the same in each attempt
	mailed.SetGenHeader("Auto-Submitted", "auto-generated")                 // RFC 3834 §5
	mailed.SetGenHeader("Content-Language", message.Language)
	mailed.SetBodyString(mail.TypeTextPlain, message.Text)
	return mailed, nil
}

// mailAddress reads a bare address: no name, no list, no line end.
func mailAddress(contact string) (*netmail.Address, error) {
	contact = strings.TrimSpace(contact)
	address, err := netmail.ParseAddress(contact)
	if err != nil || address.Address != contact || strings.ContainsAny(contact, "\r\n\"") {
		return nil, errors.New("not a bare mail address")
	}
	return address, nil
}

func (m *Mail) client(issuer string) (*mail.Client, error) {
	timeout := m.Timeout
	if timeout == 0 {
		timeout = mailStep
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.TLS != nil {
		config = m.TLS.Clone()
	}
	config.ServerName = m.Host
	options := []mail.Option{
		mail.WithPort(m.Port), mail.WithTimeout(timeout), mail.WithHELO(hostOf(issuer)), mail.WithTLSConfig(config),
		mail.WithTLSPolicy(mail.TLSMandatory),
	}
	switch m.Security {
	case ImplicitTLS:
		options = append(options, mail.WithSSL())
	case PlainSMTP:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if m.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	if m.step != nil {
		options = append(options, mail.WithDebugLog(), mail.WithLogger(steps(m.step)))
	}
	return mail.NewClient(m.Host, options...)
}

func hostOf(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// mailFailure returns what went wrong without the words of the server, which may name the
// person. An address that the server refuses for good is final; all else can be mended.
func mailFailure(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return &Failure{Why: connecting(err)}
	}
	return &Failure{
		Why:   fmt.Sprintf("the mail server refused: step %q, code %d", failed.Reason.String(), failed.ErrorCode()),
		Final: failed.Reason == mail.ErrSMTPRcptTo && failed.ErrorCode() >= 500,
	}
}

// connecting returns why there is no connection: the network's words, which name the server.
func connecting(err error) string {
	var network net.Error
	var operation *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.As(err, &certificate):
		return "the certificate was not accepted: " + certificate.Error()
	case errors.As(err, &operation):
		return operation.Error()
	}
	return "no connection, or the server did not let us in"
}
