package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
)

// AuditReceiptCmd needs neither a database nor a network: whoever was handed a receipt can check it.
type AuditReceiptCmd struct {
	File    string   `arg:"" help:"The receipt, as the page of a decision gives it (.tlog-proof)." placeholder:"FILE"`
	Key     []string `help:"A key of the log that was kept elsewhere, a line of /log/keys. Once for each." placeholder:"VKEY" sep:"none"`
	Keys    string   `help:"Keys that were kept elsewhere: what /log/keys answered, or a JSON Web Key Set with the audit keys." placeholder:"FILE"`
	Witness []string `help:"The key of a witness that must have cosigned. Once for each." placeholder:"VKEY" sep:"none"`

	text  []byte      `kong:"-"`
	trust audit.Trust `kong:"-"`
}

// maxKeysFile is far above what /log/keys answers, in bytes.
const maxKeysFile = 1 << 20

// Check is part of checker.
func (a *AuditReceiptCmd) Check(c *checks) {
	var err error
	if a.text, err = readBounded(a.File, tree.MaxProofText); err != nil {
		c.refuse("file", "cannot be read: "+err.Error(), "Name a receipt, as the page of a decision gives it")
	}
	for _, line := range a.Key {
		a.addLogKey(c, "key", line)
	}
	for _, line := range a.Witness {
		key, err := tree.ParseVerifier(strings.TrimSpace(line))
		if err != nil || !key.IsWitness() {
			c.refuse("witness", fmt.Sprintf("%q is not the key of a witness", line), "Give it as the witness prints it: name+hash+key")
			continue
		}
		a.trust.Witnesses = append(a.trust.Witnesses, key)
	}
	if a.Keys != "" {
		a.readKeys(c)
	}
}

func (a *AuditReceiptCmd) addLogKey(c *checks, flag, line string) {
	key, err := tree.ParseVerifier(strings.TrimSpace(line))
	if err != nil || key.IsWitness() {
		c.refuse(flag, fmt.Sprintf("%q is not a key of a log", line), "Give a line of what /log/keys answered: name+hash+key")
		return
	}
	a.trust.Log = append(a.trust.Log, key)
}

// readKeys reads a JSON Web Key Set, or keys of the log a line each.
func (a *AuditReceiptCmd) readKeys(c *checks) {
	text, err := readBounded(a.Keys, maxKeysFile)
	if err != nil {
		c.refuse("keys", "cannot be read: "+err.Error(), "Name a file that this program may read")
		return
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if err := json.Unmarshal(text, &a.trust.Keys); err != nil || len(a.trust.Keys.Keys) == 0 {
			c.refuse("keys", a.Keys+" is not a JSON Web Key Set", `Give a file like {"keys":[…]}`)
		}
		return
	}
	lines := strings.Fields(string(text))
	if len(lines) == 0 {
		c.refuse("keys", a.Keys+" is empty", "Keep what /log/keys answers, byte for byte")
	}
	for _, line := range lines {
		a.addLogKey(c, "keys", line)
	}
}

// readBounded reads a file that is no longer than that.
func readBounded(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %d bytes", name, most)
	}
	return text, errors.Join(err, file.Close())
}

// Run prints the verdict.
func (a *AuditReceiptCmd) Run(env *Environment) error {
	receipt, err := audit.ReadReceipt(a.text)
	if err != nil {
		return notSound(env, err)
	}
	tellReceipt(env.Stdout, receipt)
	vouched, err := receipt.Vouch(a.trust)
	if err != nil {
		return notSound(env, err)
	}
	tellVouched(env.Stdout, vouched)
	return nil
}

func notSound(env *Environment, err error) error {
	_, _ = fmt.Fprintf(env.Stdout, "verdict: NOT SOUND\n%v\n", err)
	return &exitError{code: exitFailed}
}

// tellReceipt says what happened, when, and who did it to whom.
func tellReceipt(out io.Writer, r audit.Receipt) {
	title := string(r.Event.Type)
	if definition, known := audit.Lookup(r.Event.Type); known {
		title = definition.Title
	}
	for _, fact := range []struct{ name, value string }{
		{"what happened", title + " (" + string(r.Event.Type) + ")"},
		{"when", time.UnixMilli(r.Entry.OccurredAt).UTC().Format("2006-01-02 15:04:05.000 UTC")},
		{"account", r.Event.Subject},
		{"staff", r.Entry.StaffID},
		{"second person", r.Event.Facts.SecondStaff},
		{"counter", r.Entry.CounterID},
		{"request", r.Entry.DeviceAuthorizationID},
		{"reason", r.Event.Facts.Reason},
		{"entry", fmt.Sprint(r.Entry.Seq)},
		{"leaf hash", tree.Grouped(r.Leaf)},
		{"log", fmt.Sprintf("%s, a tree of %d entries", r.Checkpoint.Origin, r.Checkpoint.Size)},
	} {
		if fact.value != "" {
			_, _ = fmt.Fprintf(out, "%s: %s\n", fact.name, fact.value)
		}
	}
}

// tellVouched says who vouches, and how much that is.
func tellVouched(out io.Writer, v audit.Vouched) {
	for _, signed := range v.Log {
		_, _ = fmt.Fprintf(out, "checkpoint signed by: %s\n", signed.By.ID())
	}
	for _, signed := range v.Witnesses {
		_, _ = fmt.Fprintf(out, "checkpoint cosigned by: %s, %s\n", signed.By.ID(), signed.At().Format("2006-01-02 15:04:05 UTC"))
	}
	switch {
	case len(v.Log) > 0:
		_, _ = fmt.Fprintln(out, "verdict: sound: the log has this entry")
	case len(v.Witnesses) > 0:
		_, _ = fmt.Fprintln(out, "verdict: sound: a log that the witness knows has this entry")
	case v.SET:
		_, _ = fmt.Fprintln(out, "verdict: the entry is signed by an audit key that was given, and the rest is consistent with itself only\n"+
			"Who has that key could have made the tree: give a key of the log, --key or --keys, to know that the log has the entry")
	default:
		_, _ = fmt.Fprintln(out, "verdict: consistent with itself only\n"+
			"Anybody could have made this file: give a key of the log that was kept elsewhere, --key or --keys")
	}
}
