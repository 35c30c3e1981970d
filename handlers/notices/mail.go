package notices

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
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
	TLS      *tls.Config // nil: the system's certificate authorities
	Steps    Steps       // the zero value: RFC 5321's

	step func(string) // nil: nobody is told the steps
}

// checkTimeout is for Check: the start of the server waits for no slow one.
const checkTimeout = 15 * time.Second

// Send is part of Channel. A mail that the server has taken counts as sent.
func (m *Mail) Send(ctx context.Context, message Message) error {
	mailed, err := m.message(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client, err := m.client(ctx, message.Issuer)
	if err != nil {
		return &Failure{Why: "the mail settings: " + err.Error()}
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		m.tell(err.Error())
		return &Failure{Why: connecting(err), Unreachable: true}
	}
	return m.deliver(ctx, connection, mailed)
}

func (m *Mail) tell(step string) {
	if m.step != nil {
		m.step(step)
	}
}

// Check reports whether the mail server lets us in, within one step's time: it is there, its certificate is accepted, and
// so are name and password. Nothing is sent. The error says no more than the network's words.
func (m *Mail) Check(ctx context.Context, issuer string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	client, err := m.client(ctx, issuer)
	if err != nil {
		return &Failure{Why: "the mail settings: " + err.Error()}
	}
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
		return nil, &Failure{Why: "the account's contact is not a mail address", Final: true, Address: true}
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

// client is for connections that are cut when the context ends.
func (m *Mail) client(ctx context.Context, issuer string) (*mail.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.TLS != nil {
		config = m.TLS.Clone()
	}
	config.ServerName = m.Host
	options := []mail.Option{
		mail.WithPort(m.Port), mail.WithTimeout(m.steps().Command), mail.WithHELO(hostOf(issuer)), mail.WithTLSConfig(config),
		mail.WithTLSPolicy(mail.TLSMandatory), mail.WithDialContextFunc(m.dial(ctx, config)),
	}
	switch m.Security {
	case ImplicitTLS:
		options = append(options, mail.WithSSL())
	case PlainSMTP:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if m.User != "" {
		options = append(options, mail.WithOpportunisticSMTPAuth(mechanisms()...), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	if m.step != nil {
		options = append(options, mail.WithDebugLog(), mail.WithLogger(steps(m.step)))
	}
	return mail.NewClient(m.Host, options...)
}

// mechanisms are those by which we sign in: the first that the server offers. None needs less than an encrypted connection, which
// the settings see to.
func mechanisms() []mail.SMTPAuthType {
	return []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256PLUS, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1PLUS,
		mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthNTLM, mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
}

// dial makes connections that end with the context, whatever they wait for.
func (m *Mail) dial(ctx context.Context, config *tls.Config) mail.DialContextFunc {
	return func(dialling context.Context, network, address string) (net.Conn, error) {
		dialling, cancel := context.WithTimeout(dialling, m.steps().Connect)
		defer cancel()
		connection, err := new(net.Dialer).DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = connection.Close() })
		if m.Security != ImplicitTLS {
			return connection, nil
		}
		encrypted := tls.Client(connection, config)
		return encrypted, encrypted.HandshakeContext(dialling)
	}
}

func hostOf(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
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
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection broke"
	case errors.As(err, &operation):
		return operation.Error()
	}
	return "no connection, or the server did not let us in"
}
