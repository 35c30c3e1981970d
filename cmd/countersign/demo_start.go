package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"countersign/cmd/countersign/demoprovider"
	"countersign/handlers"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"
)

const (
	demoProviderPath = "/demo/provider"
	demoClientID     = "countersign-console"
	demoInterval     = 5 * time.Second // between two polls of a phone

	demoDatabaseFile  = "countersign.db"
	demoMasterKeyFile = "master.key"
	demoAddressFile   = "address" // a kept demonstration stays where it was: its events carry the address
)

// demonstration is a server that is ready to serve, with invented data.
type demonstration struct {
	env      *Environment
	folder   string
	issuer   string
	listener net.Listener
	store    *models.Store
	handler  http.Handler
}

// startDemonstration prepares everything in the folder; serve begins to answer. The
// caller closes it, and may change the demonstration's policy.
func startDemonstration(env *Environment, listen, folder string, change ...func(*models.Policy)) (*demonstration, error) {
	listener, err := listenForDemonstration(env, listen, folder)
	if err != nil {
		return nil, err
	}
	demo := &demonstration{env: env, folder: folder, listener: listener, issuer: "http://" + listener.Addr().String()}
	policy := demoPolicy()
	for _, f := range change {
		f(&policy)
	}
	if err := demo.prepare(policy); err != nil {
		return nil, errors.Join(err, demo.close())
	}
	return demo, nil
}

func demoPolicy() models.Policy {
	return models.Policy{Interval: demoInterval, DPoPNonceRequired: true, AccountClaimRequired: true,
		NoticeChannels: []models.Channel{models.ChannelMail}}
}

func (d *demonstration) prepare(policy models.Policy) error {
	masterKey, err := d.masterKey()
	if err != nil {
		return err
	}
	settings := storeSettings{
		database: "sqlite:" + filepath.Join(d.folder, demoDatabaseFile), issuer: d.issuer, masterKey: masterKey,
	}
	log := quietLog(d.env)
	if err := migrateUp(d.env, settings.database, false, log); err != nil {
		return err
	}
	if d.store, err = openStore(d.env, settings, policy, log); err != nil {
		return err
	}
	if err := d.store.Probe(d.env.Context); err != nil {
		return err
	}
	if err := seed(d.env.Context, d.store, d.env.Now()); err != nil {
		return err
	}
	d.handler, err = d.routes()
	return err
}

// routes is the server's own handler with the provider beside it.
func (d *demonstration) routes() (http.Handler, error) {
	secret, err := newMasterKey(d.env.Rand) // as good as any
	if err != nil {
		return nil, err
	}
	provider, err := demoprovider.New(demoprovider.Config{
		Issuer: d.issuer + demoProviderPath, ClientID: demoClientID, ClientSecret: secret,
		RedirectURI: d.issuer + "/sign-in/callback", PostLogoutRedirectURI: d.issuer + views.PathSignIn, People: demoStaff(), Now: d.env.Now,
		Rand: d.env.Rand,
	})
	if err != nil {
		return nil, err
	}
	console, err := handlers.New(web.Config{
		Store: d.store, Issuer: d.issuer, Scopes: demoScopes(), Demonstration: true, Log: quietLog(d.env),
		Staff: web.StaffProvider{Issuer: d.issuer + demoProviderPath, ClientID: demoClientID, ClientSecret: secret},
	})
	if err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	routes.Handle(demoProviderPath+"/", provider)
	routes.Handle("/", console)
	return routes, nil
}

// serve answers until the context ends.
func (d *demonstration) serve(ctx context.Context) error {
	env := *d.env
	env.Context = ctx
	go applyImports(&env, d.store, quietLog(&env))
	go sequence(&env, d.store, quietLog(&env))
	server := &server{env: &env, handler: d.handler, log: quietLog(&env)}
	return server.serve(d.listener)
}

func (d *demonstration) close() error {
	err := d.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil // the server has closed it
	}
	if d.store != nil {
		err = errors.Join(err, d.store.Close())
	}
	return err
}

// masterKey is the folder's own key, made for a folder that has no database yet.
func (d *demonstration) masterKey() ([]byte, error) {
	path := filepath.Join(d.folder, demoMasterKeyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(d.folder, demoDatabaseFile)); err == nil {
			return nil, fmt.Errorf("%s is missing, and nothing else opens the database beside it.\nNext: put it back, or take another --data folder", path)
		}
		key, err := newMasterKey(d.env.Rand)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
			return nil, err
		}
		return readMasterKey(key)
	}
	if err != nil {
		return nil, err
	}
	key, err := readMasterKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// listenForDemonstration listens on loopback, where the folder's demonstration was
// before if it is not new.
func listenForDemonstration(env *Environment, listen, folder string) (net.Listener, error) {
	path := filepath.Join(folder, demoAddressFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	before := strings.TrimSpace(string(text))
	if _, port, _ := net.SplitHostPort(listen); port == "0" && before != "" {
		listen = before
	}
	listener, err := (&net.ListenConfig{}).Listen(env.Context, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w.\nNext: take another port, for example --listen 127.0.0.1:0", err)
	}
	address := listener.Addr().String()
	host, _, _ := net.SplitHostPort(address)
	switch {
	case !isLoopback(host):
		err = fmt.Errorf("%s is not on loopback", address)
	case before == "":
		err = writeWhole(path, address+"\n")
	case before != address:
		err = fmt.Errorf("the demonstration in %s belongs to http://%s.\nNext: add --listen %s, or take another --data folder", folder,
			before, before)
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}
