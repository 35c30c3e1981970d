package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

const demoListen = "127.0.0.1:8080"

// DemoCmd runs the server with everything around it, on loopback only: its sign-in
// asks for no password.
type DemoCmd struct {
	Listen      string `help:"Address and port on this computer; port 0 takes any free one (default: 127.0.0.1:8080, with --once any free one)." placeholder:"ADDRESS"`
	Data        string `help:"Folder to keep the demonstration in; without it everything is gone at the end." placeholder:"DIR"`
	Once        bool   `help:"Go through one whole visit without a person, and end. Exit code 0 when every step worked, 1 otherwise."`
	AddressFile string `help:"File to write the console's address to, once it answers." placeholder:"FILE"`
}

// Check is part of checker.
func (d *DemoCmd) Check(c *checks) {
	if d.Listen == "" {
		d.Listen = demoListen
		if d.Once {
			d.Listen = "127.0.0.1:0"
		}
	}
	c.listen(d.Listen)
	if host, _, err := net.SplitHostPort(d.Listen); err == nil && !isLoopback(host) {
		c.refuse("listen", fmt.Sprintf("%q can be reached from elsewhere, and the demonstration lets anybody be anybody", d.Listen),
			"Listen on 127.0.0.1, ::1 or localhost")
	}
}

// Run starts the demonstration and ends it with the environment's context, or after
// one visit.
func (d *DemoCmd) Run(env *Environment) error {
	folder, forget, err := d.folder()
	if err != nil {
		return err
	}
	started := env.Now()
	demo, err := startDemonstration(env, d.Listen, folder)
	if err != nil {
		return errors.Join(err, forget())
	}
	return errors.Join(d.run(env, demo, started.UnixMilli()), demo.close(), forget())
}

func (d *DemoCmd) run(env *Environment, demo *demonstration, started int64) error {
	if d.AddressFile != "" {
		if err := writeWhole(d.AddressFile, demo.issuer+"\n"); err != nil {
			return err
		}
	}
	if d.Once {
		return demo.once(started)
	}
	if err := demo.explain(env.Stdout, d.Data); err != nil {
		return err
	}
	settings, err := demoNotices(env.Stdout)
	if err != nil {
		return err
	}
	endNotices, err := tell(env, demo.store, settings, nil, quietLog(env))
	if err != nil {
		return err
	}
	defer endNotices()
	go probe(env, demo.store, quietLog(env))
	if err := demo.serve(env.Context); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.Stdout, "\nThe demonstration has ended.")
	return err
}

// folder is --data, or a temporary one that forget removes.
func (d *DemoCmd) folder() (path string, forget func() error, err error) {
	if d.Data != "" {
		return d.Data, func() error { return nil }, os.MkdirAll(d.Data, 0o700)
	}
	path, err = os.MkdirTemp("", "countersign-demo-")
	return path, func() error { return os.RemoveAll(path) }, err
}

// writeWhole writes a file in one step: a reader that waits for it never reads half of it.
func writeWhole(path, content string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // fails after the rename, as it should
	_, err = temporary.WriteString(content)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
