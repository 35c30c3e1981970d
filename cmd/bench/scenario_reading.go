package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"countersign/views"
)

// readingLimit is what a supervisor's page may take, p95.
const readingLimit = 100 * time.Millisecond

// readsPerRound is how often each page is read before the next server's turn.
const readsPerRound = 20

// runReading fills the trail past the program and has a supervisor read its pages, one at a time. The row's name has the page; beside
// each page stands how its p95 compares with readingLimit.
//
// How it is filled: one visit of each operator is done by the program, and the entries of these visits are copied until there are as
// many as wanted, in turns over all accounts, an hour's 60 over the past. A copy has a number, a moment, an identifier, an account and
// a request of its own, and else the columns and the signed text of its original, so that its signature is not over its number: pages
// read and decode it as any other, and none but an event's own page verifies. Then "countersign audit reindex" makes the tables
// beside the trail. Entries of keys are not copied: a site of years has some dozens of them.
func runReading(ctx context.Context, b *bench) ([]*row, error) {
	count := b.number(100_000)
	all, stop, err := b.start(ctx, b.options.workers, false)
	if err != nil {
		return nil, err
	}
	var rows []*row
	for _, c := range all {
		if c.name != newBuild {
			continue // its pages are others
		}
		if _, err := b.fillTrail(ctx, c, count); err != nil {
			return nil, withStop(err, stop)
		}
		if rows, err = b.readPages(ctx, c, count); err != nil {
			return nil, withStop(err, stop)
		}
	}
	return rows, stop()
}

// fillTrail does a visit of each operator, copies its entries so often that there are so many more, makes the tables beside them and
// waits until the log has them. What comes back are the originals, for more copies.
func (b *bench) fillTrail(ctx context.Context, c *contender, count int) (from originals, err error) {
	staff, err := b.operators(ctx, c, b.options.workers)
	if err != nil {
		return from, err
	}
	database, err := openDatabase(c.database)
	if err != nil {
		return from, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	const last = "SELECT coalesce(max(seq), 0) FROM audit_events"
	if err := database.QueryRowContext(ctx, last).Scan(&from.after); err != nil {
		return from, err
	}
	steps := make([]*row, visitSteps)
	for i := range steps {
		steps[i] = &row{}
	}
	if err := b.visits(ctx, c, staff, steps, 0, 1); err != nil {
		return from, err
	}
	if err := database.QueryRowContext(ctx, last).Scan(&from.last); err != nil {
		return from, err
	}
	return from, moreTrail(ctx, c, from, count)
}

// moreTrail is fillTrail without a visit.
func moreTrail(ctx context.Context, c *contender, from originals, count int) error {
	if err := copyTrail(ctx, c.database, from, count); err != nil {
		return err
	}
	reindex := exec.CommandContext(ctx, c.program, "audit", "reindex")
	reindex.Env = c.environment
	return errors.Join(told(reindex), c.sequenced(ctx))
}

// entriesOfVisit is more entries than one request of a visit has.
const entriesOfVisit = 20

// copiedColumns of an entry, but for number, moment, identifier, account and request.
const copiedColumns = "type, txn, client_id, staff_id, counter_id, kid, set_text, packed"

// originals are the entries that are copied: those of the visits, after the first number up to the last one.
type originals struct{ after, last int64 }

func (o originals) places() int64 { return o.last - o.after }

// copyTrail adds copies of the originals, some thousands in a transaction.
func copyTrail(ctx context.Context, address string, from originals, count int) (err error) {
	database, err := openDatabase(address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	end := time.Now().UnixMilli()
	for left := int64(count); left > 0; {
		batch := min(left, seedBatch)
		if err := copyBatch(ctx, database, strings.HasPrefix(address, "sqlite:"), from, batch, end-left*60_000); err != nil {
			return err
		}
		left -= batch
	}
	return copiedTrail(ctx, database, from, count)
}

// copiedTrail wants as many entries as there should be, and a request of its own for each visit among the copies: a request of
// thousands of entries would be no work that a server ever has.
func copiedTrail(ctx context.Context, database *sql.DB, from originals, count int) error {
	var there, visits, entries int64
	err := database.QueryRowContext(ctx, "SELECT count(*) FROM audit_events").Scan(&there)
	if err != nil || there < from.last+int64(count) {
		return errors.Join(err, fmt.Errorf("%d entries, with %d copies of %d", there, count, from.places()))
	}
	err = database.QueryRowContext(ctx, `SELECT count(DISTINCT device_authorization_id), count(*)
		FROM audit_events WHERE device_authorization_id <> '' AND seq > $1`, there-2*from.places()).Scan(&visits, &entries)
	if err == nil && entries > visits*entriesOfVisit {
		err = fmt.Errorf("%d requests among the last %d entries", visits, entries)
	}
	return err
}

// copyStatement adds $1 copies after entry $2, a minute apart from $3 on, of the $4 originals after entry $5. Their jti are in order, so
// that their index is filled from its one end to the other: at random places ten million take hours. Those of new entries lie anywhere.
func copyStatement(sqlite bool) string {
	series, jti := "SELECT i FROM generate_series(0, $1 - 1) AS s(i)", "lpad(to_hex(CAST($2 AS BIGINT) + n.i), 32, '0')"
	if sqlite {
		series = "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < $1 - 1) SELECT i FROM s"
		jti = "printf('%032x', $2 + n.i)"
	}
	insert := strings.NewReplacer("{columns}", copiedColumns, "{jti}", jti, "{series}", series,
		"{copied}", "e."+strings.ReplaceAll(copiedColumns, ", ", ", e."),
	).Replace(`INSERT INTO audit_events (seq, jti, occurred_at, account_id, device_authorization_id, {columns})
		SELECT CAST($2 AS BIGINT) + 1 + n.i, {jti}, CAST($3 AS BIGINT) + CAST(n.i AS BIGINT) * 60000,
			CASE WHEN e.account_id = '' THEN '' ELSE a.id END,
			CASE WHEN e.device_authorization_id = '' THEN '' ELSE e.device_authorization_id || '-' || (($2 + n.i) / $4) END, {copied}
		FROM ({series}) AS n
		JOIN audit_events AS e ON e.seq = CAST($5 AS BIGINT) + 1 + ($2 + n.i) % $4
		JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS places FROM accounts) AS a
			ON a.place = ($2 + n.i) / $4 % a.places
		ORDER BY n.i`)
	if sqlite { // takes $2 for a name
		insert = strings.ReplaceAll(insert, "$", "?")
	}
	return insert
}

// copyBatch adds the next copies: what the server wrote meanwhile is what they continue.
func copyBatch(ctx context.Context, database *sql.DB, sqlite bool, from originals, batch, begin int64) error {
	begun := "BEGIN"
	if sqlite {
		begun = "BEGIN IMMEDIATE"
	}
	conn, err := database.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, begun); err != nil {
		return err
	}
	var last int64
	err = conn.QueryRowContext(ctx, "SELECT max(seq) FROM audit_events").Scan(&last)
	if err == nil {
		_, err = conn.ExecContext(ctx, copyStatement(sqlite), batch, last, begin, from.places(), from.after)
	}
	ending := "COMMIT"
	if err != nil {
		ending = "ROLLBACK"
	}
	_, ended := conn.ExecContext(ctx, ending)
	return errors.Join(err, ended)
}

// supervisorPages are what is read: further pages of supervisors are added here. account, staff and counter are of the newest visit.
func supervisorPages(account, staff, counter, client string) []string {
	trail := views.PathReviewEvents
	filtered := func(values ...string) string {
		query := url.Values{}
		for i := 0; i < len(values); i += 2 {
			query.Set(values[i], values[i+1])
		}
		return trail + "?" + query.Encode()
	}
	month := time.Now().AddDate(0, -1, 0).Format(time.DateOnly)
	return []string{
		trail, filtered("before", "1000"), filtered("type", "code-matched"), filtered("result", "approved"), filtered("presence", "code only"),
		filtered("staff", staff), filtered("counter", counter), filtered("account", account), filtered("client", client),
		filtered("from", month), filtered("staff", staff, "type", "device-binding-approved"),
		filtered("staff", staff, "result", "declined"), filtered("counter", counter, "from", month, "result", "approved"),
		filtered("type", "device-authorization-declined", "reason", "other"),
		views.PathOverview, views.PathOverview + "?days=28", views.PathOverview + "?days=28&counter=" + counter,
		views.StoryPath(account), views.StaffDayPath(staff, ""), views.CounterWeekPath(counter, ""), views.EntryPath(20),
	}
}

// readPages signs a supervisor in and reads each page.
func (b *bench) readPages(ctx context.Context, c *contender, count int) (rows []*row, err error) {
	database, err := openDatabase(c.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	var account, staff, counter, client string
	err = database.QueryRowContext(ctx, `SELECT account_id, staff_id, counter_id, client_id FROM audit_events
		WHERE type = 'device-binding-approved' ORDER BY seq DESC LIMIT 1`).Scan(&account, &staff, &counter, &client)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	reader := &operator{base: c.base, client: &http.Client{Jar: jar, Transport: b.load.transport, Timeout: patience}}
	if err := reader.signIn(ctx, supervisorName); err != nil {
		return nil, err
	}
	defer func(all *load) { b.load = all }(b.load)
	b.load = &load{workers: 1, transport: b.load.transport}
	for _, page := range supervisorPages(account, staff, counter, client) {
		r := &row{name: fmt.Sprintf("%d entries: %s", count, shortened(page, account, staff, counter, client))}
		for range b.options.rounds {
			one := func(ctx context.Context, _ int) error { return reader.reads(ctx, page) }
			if err := b.measure(ctx, c, r, readsPerRound, one); err != nil {
				return nil, err
			}
		}
		r.holdTo(readingLimit)
		rows = append(rows, r)
	}
	return rows, nil
}

// reads opens a page and wants it to be one.
func (o *operator) reads(ctx context.Context, page string) error {
	if err := o.open(ctx, page); err != nil {
		return err
	}
	if o.status != http.StatusOK {
		return o.unexpected(page)
	}
	return nil
}

// shortened has the kind of an identifier in its place.
func shortened(page string, ids ...string) string {
	for _, id := range ids {
		page = strings.ReplaceAll(page, id, "…")
	}
	return page
}
