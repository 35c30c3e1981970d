package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

// mostPolls is how many phones really poll while so many wait: each once, with a client, a request and an address of its
// own. What the others would leave in the server's memory is put there from inside.
const mostPolls = 5000

// runMemory lets requests wait, a hundredth of the number, a tenth, then all, and phones poll. What a process remembers of
// phones that poll once in 300 s is two used proofs and a pace each, as long as a proof may be played again. All limits are
// on.
func runMemory(ctx context.Context, b *bench) ([]*row, error) {
	number, had := b.number(1_000_000), 0
	var all []*contender
	stop := func() (err error) {
		for _, c := range all {
			err = errors.Join(err, c.stop())
		}
		return err
	}
	seeds := map[*contender]phone{}
	for _, name := range []string{newBuild, oldBuild} {
		if program := b.programs[name]; program != "" {
			c, err := b.startProgram(ctx, name, program, 1, "--limits", "default", "--trusted-proxy", "127.0.0.0/8", "--dpop-nonce", "off")
			if err != nil {
				return nil, withStop(err, stop)
			}
			all = append(all, c)
			phones, err := b.register(ctx, c, 1)
			if err == nil {
				err = b.askAll(ctx, phones, 0)
			}
			if err != nil {
				return nil, withStop(err, stop)
			}
			seeds[c] = phones[0]
		}
	}
	var rows []*row
	for _, part := range []int{100, 10, 1} {
		waiting := max(number/part, 1)
		step := &row{name: fmt.Sprintf("pending poll, memory of %d", waiting)}
		for _, c := range all {
			if err := b.pollMany(ctx, c, step, seeds[c], waiting, waiting-had); err != nil {
				return nil, withStop(err, stop)
			}
		}
		rows, had = append(rows, step), waiting
	}
	return rows, stop()
}

// pollMany lets more requests wait, some of which are polled, and the server remember what it would of all.
func (b *bench) pollMany(ctx context.Context, c *contender, step *row, like phone, waiting, more int) error {
	polls := min(max(more, 1), mostPolls)
	phones, err := b.addWaiting(ctx, c, like, max(more, polls), polls)
	if err != nil {
		return err
	}
	if err := fillByAndBy(ctx, c, more-polls); err != nil {
		return err
	}
	poll := func(ctx context.Context, i int) error { return phones[i].pendingPoll(ctx) }
	if err := b.measure(ctx, c, step, polls, poll); err != nil {
		return err
	}
	return b.sayMemory(c, waiting)
}

// sayMemory tells what kind of memory it is, in MiB.
// fillByAndBy lets the server remember what so many phones leave. Theirs take 300 s for it; here many are put in by parts, and the
// program sets its collector's aim between two of them, as it does every 5 s (cmd/countersign/memory.go).
func fillByAndBy(ctx context.Context, c *contender, phones int) error {
	const part, between = 75_000, 6 * time.Second
	for ; phones > part; phones -= part {
		if err := errors.Join(c.inside.fill(2*part, part), pause(ctx, between)); err != nil {
			return err
		}
	}
	return c.inside.fill(2*phones, phones)
}

func (b *bench) sayMemory(c *contender, waiting int) error {
	var sizes []any
	for _, name := range []string{"VmRSS:", "RssAnon:", "RssFile:", "VmHWM:"} {
		bytes, err := statusOf(c.process.Process.Pid, name)
		if err != nil {
			return err
		}
		sizes = append(sizes, bytes>>20)
	}
	b.say("  %s, %d wait: resident %d MiB (%d of its own, %d of files), at most %d MiB", append([]any{c.name, waiting}, sizes...)...)
	return nil
}

// addWaiting adds requests like the phone's, and clients like it for those of them that poll.
func (b *bench) addWaiting(ctx context.Context, c *contender, like phone, requests, polls int) (phones []phone, err error) {
	id := like.State.ClientID
	if err := addLike(ctx, c.database, "device_authorizations", "client_id", id, requests); err != nil {
		return nil, err
	}
	if err := addLike(ctx, c.database, "clients", "id", id, polls); err != nil {
		return nil, err
	}
	database, err := openDatabase(c.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	tx, err := database.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	clients, err := texts(ctx, tx, `SELECT id FROM clients AS c WHERE id <> $1 AND
		NOT EXISTS (SELECT 1 FROM device_authorizations AS d WHERE d.client_id = c.id) LIMIT $2`, id, polls)
	if err != nil {
		return nil, err
	}
	waiting, err := texts(ctx, tx, "SELECT id FROM device_authorizations WHERE client_id = $1 ORDER BY id LIMIT $2", id, polls)
	if err != nil {
		return nil, err
	}
	for i, client := range clients {
		code := rand.Text()
		if _, err := tx.ExecContext(ctx, "UPDATE device_authorizations SET client_id = $1, device_code_hash = $2 WHERE id = $3",
			client, oauth.HashDeviceCode(code), waiting[i]); err != nil {
			return nil, err
		}
		phones = append(phones, b.alike(like, client, code, i))
	}
	return phones, tx.Commit()
}

// alike is another phone with the same keys, and an address of its own.
func (b *bench) alike(like phone, client, code string, number int) phone {
	other := *like.Client
	authorization := *other.State.Authorization
	authorization.DeviceCode = deviceclient.Secret(code)
	other.State.ClientID, other.State.Authorization = client, &authorization
	address := netip.AddrFrom4([4]byte{10, byte(number >> 16), byte(number >> 8), byte(number)}).String()
	other.HTTP = &http.Client{Transport: forwarded{b.load.transport, address}, Timeout: patience}
	return phone{&other}
}

// forwarded speaks as a proxy that somebody at the address has asked.
type forwarded struct {
	http.RoundTripper
	address string
}

// RoundTrip is part of http.RoundTripper.
func (f forwarded) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("X-Forwarded-For", f.address)
	return f.RoundTripper.RoundTrip(request)
}

// texts returns the texts that a query finds.
func texts(ctx context.Context, tx *sql.Tx, query string, arguments ...any) (found []string, err error) {
	rows, err := tx.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, rows.Err()
}
