package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Metrics are served on a listener of their own, from the first answer on, and on no other.
func TestServeTellsMetrics(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	own, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, append(environ, "COUNTERSIGN_METRICS_LISTEN="+own), "serve", "--migrate")
	waitForAnswer(t, "http://"+address+"/readyz")
	if status, _ := readFrom(t, "http://"+address+"/metrics"); status != http.StatusNotFound {
		t.Errorf("metrics beside the pages: %d", status)
	}
	status, text := readFrom(t, "http://"+own+"/metrics")
	if status != http.StatusOK || !strings.Contains(text, `route="/readyz"`) || !strings.Contains(text, "go_goroutines ") ||
		!strings.Contains(text, "process_open_fds ") || !strings.Contains(text, "countersign_build_info{") {
		t.Errorf("metrics: %d\n%s", status, text)
	}
	for _, path := range []string{"/readyz", "/sign-in", "/"} {
		if status, _ := readFrom(t, "http://"+own+path); status != http.StatusNotFound {
			t.Errorf("%s beside the metrics: %d", path, status)
		}
	}
	if got := server.stop(); got.code != 0 || !strings.Contains(got.stderr, "msg=metrics address="+own) {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

func TestMetricsListen(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value string
		code  int
		wants string
	}{
		{"9464", exitUsage, `--metrics-listen (COUNTERSIGN_METRICS_LISTEN): "9464" is not an address and a port. Write it like 127.0.0.1:9464.`},
		{"127.0.0.1:70000", exitUsage, "is not an address and a port"},
		{address, exitUsage, "is where --listen is"},
		{":" + port, exitFailed, "cannot listen for --metrics-listen: "}, // with the server's own in it
		{":" + port, exitFailed, "\nNext: end the program that listens there"},
		{"192.0.2.1:9464", exitFailed, "\nNext: give --metrics-listen an address of this machine"},
	} {
		got := runWith(t, environ, "", "serve", "--migrate", "--metrics-listen", c.value)
		if got.code != c.code || !strings.Contains(got.stderr, c.wants) {
			t.Errorf("%s: exit code %d, %q", c.value, got.code, got.stderr)
		}
	}
	for value, warned := range map[string]bool{
		":9464": true, "0.0.0.0:9464": true, "192.0.2.1:9464": true,
		"127.0.0.1:9464": false, "[::1]:9464": false, "localhost:9464": false, "": false,
	} {
		checks := &checks{}
		flags := ServeFlags{MetricsListen: value}
		if got := flags.metricsListen(checks); got != value || len(checks.problems) > 0 || len(checks.warnings) > 0 != warned {
			t.Errorf("%s: %q, %v, warnings %v", value, got, checks.problems, checks.warnings)
		}
	}
}

func readFrom(t *testing.T, address string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// A server that lets requests finish is not gone: it tells metrics until the last of them is answered.
func TestMetricsAreToldUntilTheEnd(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	own := newAddress(t)
	server := start(t, append(environ, "COUNTERSIGN_METRICS_LISTEN="+own), "serve", "--migrate")
	waitForAnswer(t, "http://"+address+"/readyz")
	request, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer request.Close()
	_, _ = fmt.Fprintf(request, "POST /token HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n", address)
	if line, err := bufio.NewReader(request).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	server.cancel()
	if !until(func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
		}
		return err != nil
	}) {
		t.Fatal("it takes connections after its end began")
	}
	if status, text := readFrom(t, "http://"+own+"/metrics"); status != http.StatusOK || !strings.Contains(text, "countersign_ready 1") {
		t.Errorf("while a request finishes: %d\n%s", status, text)
	}
	request.Close()
	if got := server.stop(); got.code != 0 {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}
