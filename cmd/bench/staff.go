package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"countersign/cmd/countersign/demoprovider"
	"countersign/views"
)

const staffSecret = "a-client-secret-of-the-provider" //nolint:gosec // of a provider that ends with the bench

// supervisorName is the one supervisor's.
const supervisorName = "Supervisor 000"

// operatorName is the name of the operator with this number.
func operatorName(i int) string { return fmt.Sprintf("Operator %03d", i) }

// startStaffProvider serves the OpenID Provider that so many operators sign in with at a
// console. What comes back are serve's flags about it, and how to end it.
func startStaffProvider(ctx context.Context, console string, operators int) (flags []string, end func() error, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	issuer := "http://" + listener.Addr().String()
	config := demoprovider.Config{
		Issuer: issuer, ClientID: "console", ClientSecret: staffSecret, Now: time.Now, Rand: rand.Reader,
		RedirectURI: console + views.PathSignIn + "/callback", PostLogoutRedirectURI: console + views.PathSignIn,
	}
	for i := range operators {
		config.People = append(config.People, demoprovider.Person{
			Subject: fmt.Sprintf("staff-%03d", i), Name: operatorName(i), Email: fmt.Sprintf("operator%d@staff.example", i),
			Roles: []string{"operator"},
		})
	}
	config.People = append(config.People, demoprovider.Person{
		Subject: "supervisor", Name: supervisorName, Email: "supervisor@staff.example", Roles: []string{"operator", "supervisor"},
	})
	provider, err := demoprovider.New(config)
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: provider, ReadHeaderTimeout: patience}
	go func() { _ = server.Serve(listener) }()
	return []string{"--oidc-issuer", issuer, "--oidc-client-id", "console", "--oidc-client-secret", staffSecret}, server.Close, nil
}
