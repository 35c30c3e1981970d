#!/usr/bin/env bash
# Go module github.com/wneessen/go-mail 0.8.1, and Go's own net/smtp, send addresses in UTF-8 to servers without SMTPUTF8.
#
# Expected: where the server does not offer SMTPUTF8, anna@bücher.example goes out with the domain's A-label
#           (xn--bcher-kva, RFC 5891), and jörg@example.org, which has no such form, is refused by the sender: RFC 6531 lets
#           a client send internationalised addresses only to a server that offers the extension.
# Seen:     both addresses are sent as they are, without the parameter SMTPUTF8, and the call reports success. What a server
#           makes of the bytes is its own affair.
# Source:   Go module github.com/wneessen/go-mail 0.8.1; net/smtp of Go 1.26; RFC 6531; RFC 5891. The server is a few lines
#           on the loopback address that say yes to each command.
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
	"net/smtp"
	"strings"

	"github.com/wneessen/go-mail"
)

// serve offers 8BITMIME alone, and sends each RCPT command that it gets.
func serve(conn net.Conn, recipients chan<- string) {
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
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-mail.example\r\n250 8BITMIME\r\n")
			continue
		case strings.HasPrefix(line, "DATA"):
			inText = true
			fmt.Fprint(conn, "354 go on\r\n")
			continue
		case strings.HasPrefix(line, "QUIT"):
			fmt.Fprint(conn, "221 bye\r\n")
			return
		case strings.HasPrefix(line, "RCPT"):
			recipients <- line
		}
		inText = false
		fmt.Fprint(conn, "250 ok\r\n")
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func sendGoMail(port int, to string) error {
	message := mail.NewMsg()
	must(message.From("counter@example.org"))
	must(message.To(to))
	message.Subject("Your request")
	message.SetBodyString(mail.TypeTextPlain, "It was approved.")
	client, err := mail.NewClient("127.0.0.1", mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("client.example"))
	must(err)
	return client.DialAndSend(message)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	recipients := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn, recipients)
		}
	}()
	address := listener.Addr().(*net.TCPAddr)
	for _, to := range []string{"anna@bücher.example", "jörg@example.org"} {
		err := sendGoMail(address.Port, to)
		fmt.Printf("go-mail: %s, error %v\n", <-recipients, err)
		err = smtp.SendMail(address.String(), nil, "counter@example.org", []string{to}, []byte("Subject: Your request\r\n\r\nIt was approved.\r\n"))
		fmt.Printf("net/smtp: %s, error %v\n", <-recipients, err)
	}
}
GO
{ go mod init seen && go get github.com/wneessen/go-mail@v0.8.1 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-mail 0.8.1" >&2; exit 2; }
cat >expected <<'TXT'
go-mail: RCPT TO:<anna@bücher.example>, error <nil>
net/smtp: RCPT TO:<anna@bücher.example>, error <nil>
go-mail: RCPT TO:<jörg@example.org>, error <nil>
net/smtp: RCPT TO:<jörg@example.org>, error <nil>
TXT
timeout 60 ./program | tee seen
diff expected seen && echo "As described: go-mail 0.8.1 and net/smtp send UTF-8 addresses that the server did not offer to take."
