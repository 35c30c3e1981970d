package notices

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"regexp"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Steps are how long each step of a delivery may take. The longest delivery is well within models.ClaimOf.
type Steps struct {
	Connect time.Duration // with TLS from the first byte, where that is
	Command time.Duration // the greeting; all up to signing in; MAIL; RCPT
	Data    time.Duration // DATA
	Text    time.Duration // the mail
	End     time.Duration // until it is taken
}

// StepsOfRFC5321 are those of its §4.5.3.2, which has none for the connection. A server that checks or passes on a mail before it
// answers takes minutes: whoever does not wait for it sends the mail again and again.
func StepsOfRFC5321() Steps {
	return Steps{Connect: time.Minute, Command: 5 * time.Minute, Data: 2 * time.Minute, Text: 3 * time.Minute, End: 10 * time.Minute}
}

func (m *Mail) steps() Steps { return cmp.Or(m.Steps, StepsOfRFC5321()) }

// quitTimeout is for leaving: the mail is taken by then.
const quitTimeout = 5 * time.Second

// step is a command and its answer.
type step struct {
	name   string // for the log
	within time.Duration
	do     func() error
}

// endOfText is the step after which nobody knows whether a mail was taken, when no answer comes (RFC 1047).
const endOfText = "end of DATA"

// deliver sends one mail over a connection, and closes it. Until the last step nothing is sent that a server may take for a whole
// mail: where an earlier one fails in the middle of the text, the connection is cut.
func (m *Mail) deliver(ctx context.Context, connection *smtp.Client, mailed *mail.Msg) error {
	s := m.steps()
	defer func() { _ = connection.Close() }() // sent or not is known by then
	from, err := mailed.GetSender(false)
	if err != nil {
		return err
	}
	to, err := mailed.GetRecipients()
	if err != nil {
		return err
	}
	var text io.WriteCloser
	for _, step := range []step{
		{"MAIL FROM", s.Command, func() error { return connection.Mail(from) }},
		{"RCPT TO", s.Command, func() error { return connection.Rcpt(to[0]) }},
		{"DATA", s.Data, func() (err error) { text, err = connection.Data(); return err }},
		{"text", s.Text, func() error { _, err := mailed.WriteTo(text); return err }},
		{endOfText, s.End, func() error { return text.Close() }},
	} {
		if err := step.take(ctx, connection, m.step != nil); err != nil {
			m.tell(err.Error())
			return step.failure(ctx, err)
		}
	}
	if taken, ok := text.(*smtp.DataCloser); ok {
		m.tell("server: " + taken.ServerResponse())
	}
	if connection.UpdateDeadline(quitTimeout) == nil {
		_ = connection.Quit()
	}
	return nil
}

// errNoTime says that there is no time left to wait for the answer.
var errNoTime = errors.New("the steps before it took too long")

// take does a step. Whoever watches a test may wait less for its end than a notice does.
func (s step) take(ctx context.Context, connection *smtp.Client, watched bool) error {
	until, ends := ctx.Deadline()
	if s.name == endOfText && (ctx.Err() != nil || ends && !watched && time.Until(until) < s.within) {
		return errNoTime
	}
	if err := connection.UpdateDeadline(s.within); err != nil {
		return err
	}
	return s.do()
}

// failure returns what went wrong without the words of the server, which may name the person. What the server refuses for good
// (RFC 5321 §4.2.1) is final, but for the sender, who is ourselves: that can be mended, and concerns every mail.
func (s step) failure(ctx context.Context, err error) *Failure {
	answer, answered := errors.AsType[*textproto.Error](err)
	switch {
	case errors.Is(err, errNoTime):
		return &Failure{Why: "the mail server was too slow: nothing was sent"}
	case !answered && s.name == endOfText:
		return &Failure{Why: "the mail server did not say whether it took the mail: perhaps sent", Unsure: true}
	case !answered:
		return &Failure{Why: fmt.Sprintf("at step %q: %s", s.name, connecting(errors.Join(err, ctx.Err())))}
	}
	refusal := fmt.Sprintf("the mail server refused: step %q, code %d", s.name, answer.Code)
	if enhanced := enhancedCode.FindString(answer.Msg); enhanced != "" {
		refusal += " " + enhanced
	}
	const leaving = 421 // RFC 5321 §3.8
	ours := s.name == "MAIL FROM" && answer.Code >= 500
	return &Failure{Why: refusal, Final: answer.Code >= 500 && !ours, Unreachable: ours || answer.Code == leaving}
}

// enhancedCode is RFC 3463 §2.
var enhancedCode = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)
