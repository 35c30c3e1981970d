#!/usr/bin/env bash
# Go module github.com/wneessen/go-mail 0.8.1 reports a mail that the server has taken as failed, when the server says goodbye a moment later.
#
# Expected: with 250 after the end of the text the server has taken the mail and answers for it (RFC 5321 §4.2.5, §6.1). It may say 421
#           to any later command when it must shut down (§3.8). The mail is sent all the same, so that Send and DialAndSend report
#           success: a caller that tries failed mails again would send this one twice.
# Seen:     Send says RSET after each mail, and the mail is an error where that is refused: with 421 its code is 421 and IsTemp says
#           false. WithoutRset, meant for servers that do not know RSET, leaves that out. Where QUIT is answered with 421, or by
#           closing, DialAndSend is an error, and so is SendMail of Go's net/smtp. Only the message's IsDelivered tells the truth.
# Source:   Go module github.com/wneessen/go-mail v0.8.1; net/smtp of Go 1.26; RFC 5321 §3.8, §4.2.5, §6.1. The server is a few lines on
#           the loopback address, and counts the mails that it took.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"strings"

	"github.com/wneessen/go-mail"
)

// server answers 250 to each mail, then answer to the command named, if it comes, and closes after a 421 or an empty answer.
type server struct {
	command, answer string
	taken           int
	ended           chan struct{}
}

func (s *server) serve(conn net.Conn) {
	defer close(s.ended)
	defer conn.Close()
	lines := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 mail.example ESMTP\r\n")
	for inText := false; ; {
		line, err := lines.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		switch {
		case err != nil:
			return
		case inText && line != ".":
			continue
		case inText:
			inText = false
			s.taken++
			fmt.Fprint(conn, "250 taken\r\n")
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-mail.example\r\n250 8BITMIME\r\n")
		case line == "DATA":
			inText = true
			fmt.Fprint(conn, "354 go on\r\n")
		case line == s.command && s.answer == "":
			return
		case line == s.command:
			fmt.Fprint(conn, s.answer+"\r\n")
			if strings.HasPrefix(s.answer, "421") {
				return
			}
		case line == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func serving(command, answer string, send func(port int)) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	s := &server{command: command, answer: answer, ended: make(chan struct{})}
	go func() {
		conn, err := listener.Accept()
		must(err)
		s.serve(conn)
	}()
	send(listener.Addr().(*net.TCPAddr).Port)
	<-s.ended
	return s
}

func outcome(err error) string {
	var failed *mail.SendError
	switch {
	case err == nil:
		return "success"
	case errors.As(err, &failed):
		return fmt.Sprintf("error %s (code %d, IsTemp %t)", failed.Reason, failed.ErrorCode(), failed.IsTemp())
	}
	return "error"
}

func main() {
	for _, c := range [][2]string{
		{"QUIT", "221 bye"}, {"RSET", "421 shutting down"}, {"RSET", "500 unknown"}, {"QUIT", "421 shutting down"}, {"QUIT", ""},
	} {
		message := mail.NewMsg()
		must(message.From("counter@example.org"))
		must(message.To("anna@example.org"))
		message.Subject("Your request")
		message.SetBodyString(mail.TypeTextPlain, "It was approved.")
		options := []mail.Option{mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("client.example")}
		if c[0] == "QUIT" {
			options = append(options, mail.WithoutRset())
		}
		var result error
		s := serving(c[0], c[1], func(port int) {
			client, err := mail.NewClient("127.0.0.1", append(options, mail.WithPort(port))...)
			must(err)
			result = client.DialAndSend(message)
		})
		fmt.Printf("%s answered %q: server took %d, go-mail: %s, IsDelivered %t; ", c[0], c[1], s.taken, outcome(result), message.IsDelivered())
		s = serving(c[0], c[1], func(port int) {
			result = smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", port), nil, "counter@example.org", []string{"anna@example.org"},
				[]byte("Subject: Your request\r\n\r\nIt was approved.\r\n"))
		})
		fmt.Printf("server took %d, net/smtp: %s\n", s.taken, outcome(result))
	}
}
GO
{ go mod init seen && go get github.com/wneessen/go-mail@v0.8.1 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-mail 0.8.1" >&2; exit 2; }
cat >expected <<'TXT'
QUIT answered "221 bye": server took 1, go-mail: success, IsDelivered true; server took 1, net/smtp: success
RSET answered "421 shutting down": server took 1, go-mail: error sending SMTP RESET command (code 421, IsTemp false), IsDelivered true; server took 1, net/smtp: success
RSET answered "500 unknown": server took 1, go-mail: error sending SMTP RESET command (code 500, IsTemp false), IsDelivered true; server took 1, net/smtp: success
QUIT answered "421 shutting down": server took 1, go-mail: error, IsDelivered true; server took 1, net/smtp: error
QUIT answered "": server took 1, go-mail: error, IsDelivered true; server took 1, net/smtp: error
TXT
timeout 60 ./program | tee seen
diff expected seen && echo "As described: go-mail 0.8.1 reports mails as failed that the server has taken."
