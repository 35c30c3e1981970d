#!/usr/bin/env bash
# Go module github.com/wneessen/go-mail 0.8.1, WithDebugLog: what the server refuses is not in the log, nor what it says of the mail.
#
# Expected: the debug log "logs incoming and outgoing communication between the Client and the SMTP server" (doc comment of
#           WithDebugLog); so the line that one looks for, the server's refusal, is in it, and the queue's name that a server
#           gives with its 250 after the text, by which an administrator of the mail server finds the mail.
# Seen:     an answer is logged if it is the one that was hoped for. 550 to RCPT leaves no line: the command is followed by the
#           client's RSET. The answer to the end of the text is not logged. The refusal is in the error that DialAndSend gives,
#           the queue's name in the message's ServerResponse.
# Source:   Go module github.com/wneessen/go-mail v0.8.1. The server is a few lines on the loopback address.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/log"
)

// serve takes mails for Anna alone, and prints the answers that the log ought to have.
func serve(conn net.Conn, ended chan<- struct{}) {
	defer close(ended)
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
			fmt.Fprint(conn, "250 2.0.0 queued as 4F2A\r\n")
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-mail.example\r\n250 8BITMIME\r\n")
		case line == "DATA":
			inText = true
			fmt.Fprint(conn, "354 go on\r\n")
		case strings.HasPrefix(line, "RCPT") && !strings.Contains(line, "anna"):
			fmt.Fprint(conn, "550 5.1.1 no such person\r\n")
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

// printed prints each line of the debug log.
type printed struct{}

func (printed) Debugf(l log.Log) {
	arrow := "  C:"
	if l.Direction == log.DirServerToClient {
		arrow = "  S:"
	}
	fmt.Println(arrow, strings.ReplaceAll(fmt.Sprintf(l.Format, l.Messages...), "\n", " "))
}
func (printed) Infof(log.Log)  {}
func (printed) Warnf(log.Log)  {}
func (printed) Errorf(log.Log) {}

func main() {
	for _, to := range []string{"anna@example.org", "ben@example.org"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		ended := make(chan struct{})
		go func() {
			conn, err := listener.Accept()
			must(err)
			serve(conn, ended)
		}()
		message := mail.NewMsg()
		must(message.From("counter@example.org"))
		must(message.To(to))
		message.Subject("Your request")
		message.SetBodyString(mail.TypeTextPlain, "It was approved.")
		client, err := mail.NewClient("127.0.0.1", mail.WithPort(listener.Addr().(*net.TCPAddr).Port), mail.WithTLSPolicy(mail.NoTLS),
			mail.WithHELO("client.example"), mail.WithDebugLog(), mail.WithLogger(printed{}))
		must(err)
		fmt.Println("log of a mail to", to)
		err = client.DialAndSend(message)
		<-ended
		listener.Close()
		fmt.Printf("ServerResponse %q, error %v\n", message.ServerResponse(), err)
	}
}
GO
{ go mod init seen && go get github.com/wneessen/go-mail@v0.8.1 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-mail 0.8.1" >&2; exit 2; }
cat >expected <<'TXT'
log of a mail to anna@example.org
  C: EHLO client.example
  S: 250 mail.example 8BITMIME
  C: NOOP
  S: 250 ok
  C: MAIL FROM:<counter@example.org> BODY=8BITMIME
  S: 250 ok
  C: RCPT TO:<anna@example.org>
  S: 250 ok
  C: DATA
  S: 354 go on
  C: NOOP
  S: 250 ok
  C: RSET
  S: 250 ok
  C: QUIT
  S: 221 bye
ServerResponse "2.0.0 queued as 4F2A", error <nil>
log of a mail to ben@example.org
  C: EHLO client.example
  S: 250 mail.example 8BITMIME
  C: NOOP
  S: 250 ok
  C: MAIL FROM:<counter@example.org> BODY=8BITMIME
  S: 250 ok
  C: RCPT TO:<ben@example.org>
  C: RSET
  S: 250 ok
  C: QUIT
  S: 221 bye
ServerResponse "", error send failed: sending SMTP RCPT TO command: 550 "5.1.1 no such person", affected recipient(s): <ben@example.org>
TXT
timeout 60 ./program | tee seen
diff expected seen && echo "As described: the debug log of go-mail 0.8.1 has no refusal, and no answer to the text."
