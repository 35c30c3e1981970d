package notices_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/handlers/notices"
	"countersign/models"
)

// What a scripted mail server does instead of an answer.
const (
	silent = "silent"
	leaves = "leaves"
)

// scripted is a mail server that answers each command as its script says, by the command's verb; "text" is the end of the mail.
type scripted struct {
	port    int
	answers map[string]string
	hears   chan string // verbs, as far as it has room

	mutex sync.Mutex // guards those below
	took  []string   // mails that were sent whole
	said  []string   // verbs
}

func newScripted(t *testing.T, answers map[string]string) *scripted {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{port: listener.Addr().(*net.TCPAddr).Port, answers: answers, hears: make(chan string, 1024)}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.converse(t.Context(), connection) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return s
}

// answer reports whether the conversation goes on.
func (s *scripted) answer(connection net.Conn, verb, usual string) bool {
	s.mutex.Lock()
	s.said = append(s.said, verb)
	answer := cmp.Or(s.answers[verb], usual)
	s.mutex.Unlock()
	select {
	case s.hears <- verb:
	default:
	}
	switch answer {
	case leaves:
		return false
	case silent:
		return true
	}
	_, err := fmt.Fprintf(connection, "%s\r\n", answer)
	return err == nil
}

func (s *scripted) converse(ctx context.Context, connection net.Conn) {
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	if !s.answer(connection, "greeting", "220 mail.example") {
		return
	}
	usual := map[string]string{"EHLO": "250 mail.example", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "QUIT": "221 bye"}
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		verb, _, _ := strings.Cut(lines.Text(), " ")
		if !s.answer(connection, verb, cmp.Or(usual[verb], "500 what?")) {
			return
		}
		if verb == "DATA" && !s.takeText(connection, lines) {
			return
		}
	}
}

func (s *scripted) takeText(connection net.Conn, lines *bufio.Scanner) bool {
	var text strings.Builder
	for lines.Scan() {
		if lines.Text() == "." {
			s.mutex.Lock()
			s.took = append(s.took, text.String())
			s.mutex.Unlock()
			return s.answer(connection, "text", "250 taken")
		}
		text.WriteString(lines.Text() + "\n")
	}
	return false
}

func (s *scripted) mails() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string(nil), s.took...)
}

func (s *scripted) heard(verb string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Contains(" "+strings.Join(s.said, " ")+" ", " "+verb+" ")
}

// channel waits for no step longer than some milliseconds.
func (s *scripted) channel() *notices.Mail {
	const step = 60 * time.Millisecond
	return &notices.Mail{Host: "127.0.0.1", Port: s.port, Security: notices.PlainSMTP,
		From:  &netmail.Address{Address: "notices@harbour.example"},
		Steps: notices.Steps{Connect: time.Second, Command: step, Data: step, Text: step, End: step}}
}

// RFC 5321 §4.2.1, §4.5.3.2: what each step of a delivery comes to when the server refuses it, says nothing or leaves. Only where
// the whole mail was sent and nothing was answered may it have come; what the server refuses for good is final, but for the sender.
func TestStepsOfADelivery(t *testing.T) {
	const transient, permanent = "451 4.3.0 later, anna@post.example", "550 5.1.1 no such anna@post.example"
	for _, test := range []struct {
		verb, does string
		want       notices.Failure // without Why
		why        string
	}{
		{"greeting", silent, notices.Failure{Unreachable: true}, "no answer in time"},
		{"greeting", "554 5.3.2 no", notices.Failure{Unreachable: true}, "did not let us in"},
		{"EHLO", silent, notices.Failure{Unreachable: true}, "no answer in time"},
		{"MAIL", transient, notices.Failure{}, `step "MAIL FROM", code 451 4.3.0`},
		{"MAIL", permanent, notices.Failure{Unreachable: true}, `step "MAIL FROM", code 550 5.1.1`},
		{"MAIL", silent, notices.Failure{}, "no answer in time"},
		{"RCPT", transient, notices.Failure{}, `step "RCPT TO", code 451 4.3.0`},
		{"RCPT", permanent, notices.Failure{Final: true}, `step "RCPT TO", code 550 5.1.1`},
		{"RCPT", "421 4.3.2 closing", notices.Failure{Unreachable: true}, "code 421 4.3.2"},
		{"RCPT", leaves, notices.Failure{}, `at step "RCPT TO"`},
		{"DATA", permanent, notices.Failure{Final: true}, `step "DATA", code 550`},
		{"DATA", silent, notices.Failure{}, "no answer in time"},
		{"text", transient, notices.Failure{}, `step "end of DATA", code 451 4.3.0`},
		{"text", permanent, notices.Failure{Final: true}, `step "end of DATA", code 550 5.1.1`},
		{"text", silent, notices.Failure{Unsure: true}, "perhaps sent"},
		{"text", leaves, notices.Failure{Unsure: true}, "perhaps sent"},
	} {
		t.Run(test.verb+" "+test.does, func(t *testing.T) {
			s := newScripted(t, map[string]string{test.verb: test.does})
			err := s.channel().Send(t.Context(), message())
			failure, ok := errors.AsType[*notices.Failure](err)
			if !ok || !strings.Contains(failure.Why, test.why) || strings.Contains(failure.Why, "anna@") {
				t.Fatalf("%v", err)
			}
			got := *failure
			got.Why = ""
			if got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if whole := test.verb == "text"; whole != (len(s.mails()) == 1) {
				t.Errorf("the server has %d whole mails", len(s.mails()))
			}
		})
	}
}

func message() notices.Message {
	return notices.Message{ID: "n-1", Contact: contact, Subject: "A device", Text: "One.\n", Language: "en", Issuer: "https://cs.example",
		Now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
}

// A mail that the server took is sent, whatever comes then: nothing more is asked than to leave.
func TestTakenMailIsSent(t *testing.T) {
	for _, after := range []string{leaves, "500 what?"} {
		s := newScripted(t, map[string]string{"RSET": after, "NOOP": after, "QUIT": after})
		if err := s.channel().Send(t.Context(), message()); err != nil || len(s.mails()) != 1 {
			t.Errorf("%v, %d mails", err, len(s.mails()))
		}
		if s.heard("RSET") || s.heard("NOOP") || !s.heard("QUIT") {
			t.Errorf("the server heard %q", s.said)
		}
	}
}

// RFC 5321 §4.5.3.2: no step is given less time than its section says, and all together end before somebody else may take the notice.
func TestStepsAreLongEnough(t *testing.T) {
	const minute = time.Minute
	steps := notices.StepsOfRFC5321()
	if steps.Command < 5*minute || steps.Data < 2*minute || steps.Text < 3*minute || steps.End < 10*minute {
		t.Errorf("%+v", steps)
	}
	longest := steps.Connect + 2*steps.Command + 2*steps.Command + steps.Data + steps.Text + steps.End
	if longest > models.ClaimOf(models.ChannelMail) {
		t.Errorf("a delivery may take %s", longest)
	}
}

// Where the steps before have taken nearly all the time that a delivery has, the mail is not sent whole: nobody would wait for the
// answer.
func TestNoMailIsSentWithoutTimeForItsAnswer(t *testing.T) {
	s := newScripted(t, nil)
	channel := s.channel()
	channel.Steps.End = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := channel.Send(ctx, message())
	if failure, ok := errors.AsType[*notices.Failure](err); !ok || failure.Unsure || failure.Final || len(s.mails()) > 0 {
		t.Errorf("%v, %d mails", err, len(s.mails()))
	}
}
