package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tlsServer is serve's own TLS, with a wait that the test ends and hang-ups that it sends.
type tlsServer struct {
	t        *testing.T
	address  string
	listener net.Listener
	cert     *certificate
	waits    chan time.Duration
	waiting  time.Duration // 0: before the first wait
	resume   chan struct{}
	hangups  chan os.Signal
	log      *textBuffer
	trusted  *x509.CertPool
}

func startTLSServer(t *testing.T) *tlsServer {
	t.Helper()
	folder := t.TempDir()
	s := &tlsServer{
		t: t, cert: &certificate{certFile: filepath.Join(folder, "cert.pem"), keyFile: filepath.Join(folder, "key.pem")},
		waits: make(chan time.Duration), resume: make(chan struct{}), hangups: make(chan os.Signal),
		log: &textBuffer{}, trusted: x509.NewCertPool(),
	}
	s.renew(1)
	loaded, err := loadCertificate(s.cert.certFile, s.cert.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s.cert = loaded
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address, s.listener = "https://"+listener.Addr().String(), listener
	env := &Environment{Context: t.Context(), Wait: func(ctx context.Context, length time.Duration) error {
		select {
		case s.waits <- length:
			<-s.resume
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	inner := &server{env: env, handler: http.NotFoundHandler(), tls: s.cert.config(), log: log}
	go func() { _ = inner.serve(listener) }()
	go s.cert.keep(env, log)
	go reloadAtHangups(env, s.hangups, s.cert, &serviceManager{}, log)
	return s
}

// renew writes a new certificate of that number, and its key.
func (s *tlsServer) renew(number int64) {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	now := time.Now()
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "countersign"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(s.cert.certFile, "CERTIFICATE", der)
	s.write(s.cert.keyFile, "PRIVATE KEY", private)
	s.trusted.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (s *tlsServer) write(path, kind string, der []byte) {
	s.t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// serves returns the number of the certificate that a new connection gets, and the version of
// HTTP that it speaks.
func (s *tlsServer) serves() (number int64, http2 bool) {
	s.t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.trusted, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.TLS.PeerCertificates[0].SerialNumber.Int64(), answer.ProtoMajor == 2
}

// aMinute lets the wait of the certificate's reading pass, as often as fits into a minute.
func (s *tlsServer) aMinute() {
	s.t.Helper()
	if s.waiting == 0 {
		s.waiting = <-s.waits
	}
	for passed := time.Duration(0); passed < time.Minute; {
		passed += s.waiting
		s.resume <- struct{}{}
		s.waiting = <-s.waits // it has read
	}
}

// RFC 9113 §3.2: with TLS of its own the server speaks HTTP/2.
func TestOwnTLSSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	if _, http2 := startTLSServer(t).serves(); !http2 {
		t.Error("it speaks HTTP/1.1")
	}
}

// Who renews a certificate replaces its files: the new one is served within a minute, and at
// once after SIGHUP, which ends nothing. Half of it is no certificate, and is told once.
func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	s := startTLSServer(t)
	s.renew(2)
	s.aMinute()
	if got, _ := s.serves(); got != 2 {
		t.Errorf("a minute after its files were replaced certificate %d is served", got)
	}
	s.renew(3)
	s.hangups <- syscall.SIGHUP
	if !until(func() bool { got, _ := s.serves(); return got == 3 }) {
		t.Error("after SIGHUP the old certificate is served")
	}
	whole, err := os.ReadFile(s.cert.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s.write(s.cert.keyFile, "PRIVATE KEY", []byte("half"))
	s.aMinute()
	s.aMinute()
	if got, _ := s.serves(); got != 3 || strings.Count(s.log.String(), "level=ERROR") != 1 {
		t.Errorf("certificate %d is served beside half a new one, and logged was %s", got, s.log)
	}
	if err := os.WriteFile(s.cert.keyFile, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s.aMinute()
	if got := strings.Count(s.log.String(), "a new certificate is served"); got != 2 {
		t.Errorf("%d new certificates are in the log: %s", got, s.log)
	}
}

// A balancer that keeps connections for ten minutes sends nothing into one that was just
// closed here.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	var settings serveSettings
	parse(t, nil, &settings, serveArgs()...)
	if settings.idle <= 10*time.Minute {
		t.Errorf("a connection is closed after %s", settings.idle)
	}
	if got := (&server{idle: time.Hour, log: slog.New(slog.DiscardHandler)}).bounded().IdleTimeout; got != time.Hour {
		t.Errorf("the setting is not obeyed: %s", got)
	}
}
