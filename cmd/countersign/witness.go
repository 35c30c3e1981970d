package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"path/filepath"
	"strings"

	"countersign/audit/tree"
	"countersign/handlers/witness"
)

// WitnessCmd is a witness by C2SP's tlog-witness. It has no database: a folder with its key, and a checkpoint for each log.
type WitnessCmd struct {
	Listen    string   `help:"Address and port to listen on." default:"127.0.0.1:8090"`
	State     string   `help:"Folder for the key and for what was cosigned. Keep it: a witness that forgets may cosign another history." placeholder:"DIR"`
	Name      string   `help:"What the witness is called in its cosignatures, best its address without https://. Needed at the first start only." placeholder:"NAME"`
	Log       []string `help:"A key of a log that is cosigned, a line of its /log/keys. Once for each key." placeholder:"VKEY" sep:";"`
	TLSCert   string   `help:"Certificate chain, PEM. Without it the witness speaks plain http, for a proxy in front." placeholder:"FILE"`
	TLSKey    string   `help:"Private key of the certificate, PEM." placeholder:"FILE"`
	LogLevel  string   `help:"debug, info, warn or error." default:"info"`
	LogFormat string   `help:"text or json." default:"text" values:"text,json"`

	listen string          `kong:"-"`
	logs   []tree.Verifier `kong:"-"`
	cert   *certificate    `kong:"-"`
	level  slog.Level      `kong:"-"`
}

// witnessKey is the file of the key in the folder.
const witnessKey = "key"

// Check is part of checker.
func (w *WitnessCmd) Check(c *checks) {
	w.listen = c.listen(w.Listen)
	c.given("state", w.State, "Name a folder that this witness may write to, and that is kept")
	c.given("log", strings.Join(w.Log, ""), "Give a line of what /log/keys of the log answers")
	for _, line := range w.Log {
		key, err := tree.ParseVerifier(strings.TrimSpace(line))
		if err != nil || key.IsWitness() {
			c.refuse("log", fmt.Sprintf("%q is not a key of a log", line), "Give a line of what /log/keys answers: name+hash+key")
			continue
		}
		w.logs = append(w.logs, key)
	}
	flags := &ServeFlags{TLSCert: w.TLSCert, TLSKey: w.TLSKey, LogLevel: w.LogLevel}
	w.cert, w.level = flags.certificate(c), flags.logLevel(c)
	c.oneOf("log-format", w.LogFormat, "text", "json")
}

// Run answers until the program is told to end.
func (w *WitnessCmd) Run(env *Environment) (err error) {
	state, err := witness.OpenState(w.State)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	key, err := w.key(env.Rand)
	if err != nil {
		return err
	}
	log := newLog(env, w.level, w.LogFormat)
	listener, err := (&net.ListenConfig{}).Listen(env.Context, "tcp", w.listen)
	if err != nil {
		return cannotListen("listen", err)
	}
	_, _ = fmt.Fprintf(env.Stdout, "witness: %s\nlogs: %d keys\n", key, len(w.logs))
	log.Info("listening", "address", listener.Addr().String(), "witness", key.String())
	server := &server{env: env, idle: readTimeout, log: log, handler: witness.New(witness.Config{
		Key: key, Logs: w.logs, State: state, Now: env.Now, Log: log,
	})}
	beside := newBackground(env)
	defer beside.end()
	if w.cert != nil {
		server.tls = w.cert.config()
		beside.run(func(env *Environment) { w.cert.keep(env, log) })
	}
	return server.serve(listener)
}

// key reads the witness's key, or makes it at the first start. A folder that has cosigned and lost its key is refused.
func (w *WitnessCmd) key(random io.Reader) (tree.Cosigner, error) {
	path := filepath.Join(w.State, witnessKey)
	text, err := readBounded(path, 1<<12)
	if errors.Is(err, fs.ErrNotExist) {
		return w.newKey(path, random)
	}
	if err != nil {
		return tree.Cosigner{}, err
	}
	key, err := tree.ParseCosigner(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		return key, fmt.Errorf("%s is not the key of a witness.\nNext: put it back as it was", path)
	}
	if w.Name != "" && w.Name != key.Name() {
		return key, fmt.Errorf("the key in %s is of %s, not of %s.\nNext: correct --name, or use another folder for another witness",
			w.State, key.Name(), w.Name)
	}
	return key, nil
}

func (w *WitnessCmd) newKey(path string, random io.Reader) (tree.Cosigner, error) {
	if kept, err := filepath.Glob(filepath.Join(w.State, "*.checkpoint")); err != nil || len(kept) > 0 {
		return tree.Cosigner{}, errors.Join(err,
			fmt.Errorf("%s has cosigned, and its key is gone.\nNext: put the key back, or use another folder", w.State))
	}
	if w.Name == "" {
		return tree.Cosigner{}, &exitError{code: exitUsage,
			err: errors.New("a new witness needs a name.\nNext: give --name, such as witness.example/w1")}
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return tree.Cosigner{}, err
	}
	key, err := tree.NewCosigner(w.Name, ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return key, &exitError{code: exitUsage,
			err: fmt.Errorf("%q cannot be the name of a witness.\nNext: leave out blanks and plus signs", w.Name)}
	}
	return key, witness.WriteDurably(path, []byte(key.Secret()+"\n"))
}
