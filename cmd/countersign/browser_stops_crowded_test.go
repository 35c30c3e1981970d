package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/views"
)

// many is more rows than anybody has.
const many = 500

// crowdedStops are the lists, each with many rows.
func crowdedStops() []stop { return slices.Concat(crowdedStaffStops(), crowdedAccountStops()) }

// crowdedStaffStops are the lists of counters, staff and sessions.
func crowdedStaffStops() []stop {
	return []stop{
		{"many counters to open", 200, func(w *tour) (*tab, int64) {
			w.copyRow("counters", "true", map[string]string{"name": "'District office ' || n.i"})
			b := newTab(w.t, w.issuer)
			b.signIn(colleague)
			return b, b.open(views.PathOpenCounter)
		}},
		{"many counters", 200, at(administrator, views.PathCounters)},
		{"many counters, verification page", 200, at(notSignedIn, "/device")},
		{"many staff", 200, func(w *tour) (*tab, int64) {
			w.copyRow("staff", "name = '"+colleague+"'",
				map[string]string{"name": "'Member ' || n.i || ' of the staff'", "subject": "row.subject || n.i"})
			return at(administrator, views.PathStaff)(w)
		}},
		{"many sessions", 200, func(w *tour) (*tab, int64) {
			w.copyRow("staff_sessions", "staff_id = (SELECT id FROM staff WHERE name = '"+colleague+"')",
				map[string]string{"token_hash": "row.token_hash || n.i"})
			b := w.as(administrator)
			return b, b.click("tbody a", colleague)
		}},
	}
}

// crowdedAccountStops are the lists of requests, devices, accounts and events.
func crowdedAccountStops() []stop {
	account := ""
	return []stop{
		{"many requests", 200, func(w *tour) (*tab, int64) {
			w.ask(demoHint, "Anna Lindqvist's phone", "")
			w.copyRow("device_authorizations", "true", map[string]string{
				"device_code_hash": "row.device_code_hash || n.i", "user_code_mac": "row.user_code_mac || n.i", "instance_name": "'Phone ' || n.i",
			})
			b := w.as(demoOperator)
			account = b.search(demoHint)
			return b, b.open(b.path())
		}},
		{"many devices", 200, func(w *tour) (*tab, int64) {
			w.later(13 * time.Hour)
			w.connected(severalDevices, "A phone")
			w.copyRow("device_authorizations", "state = 'redeemed'", map[string]string{
				"device_code_hash": "row.device_code_hash || n.i", "user_code_mac": "row.user_code_mac || n.i",
			})
			w.copyRow("bindings", "true",
				map[string]string{"device_authorization_id": "row.device_authorization_id || '-' || n.i", "label": "'Phone ' || n.i"})
			w.decide(severalDevices, "")
			b := w.as(demoOperator)
			account = b.search(severalDevices)
			return b, b.open(views.BindingsPath(account))
		}},
		{"many devices, for a supervisor", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).post(views.ReviewOpenRecordPath(account))
		}},
		{"many accounts", 200, func(w *tour) (*tab, int64) {
			b := w.as(administrator)
			b.open(views.PathAccounts)
			b.upload("[action$='/import']", manyAccounts(many))
			b.submit("[action='"+views.PathImportConfirm+"']", nil)
			b.open(views.PathAccounts)
			return b, b.submit(".search", url.Values{"identifier": {"N-0"}})
		}},
		{"audit trail, many events", 200, func(w *tour) (*tab, int64) {
			for i := range 60 {
				w.as(administrator).open(views.PathPublishers)
				w.as(administrator).submit(`[action="/admin/registration-tokens"]`, url.Values{"note": {fmt.Sprint("Token ", i)}, "days": {"7"}})
			}
			return at(supervisor, views.PathReviewEvents)(w)
		}},
		{"many registration tokens", 200, at(administrator, views.PathPublishers)},
	}
}

// copyRow makes many rows of one that is there, each with an id of its own. What has to
// differ is an SQL expression of row and n.i.
func (d *browserDemo) copyRow(table, where string, differs map[string]string) {
	d.t.Helper()
	database, err := sql.Open("sqlite3", filepath.Join(d.folder, demoDatabaseFile)+"?_busy_timeout=5000")
	if err != nil {
		d.t.Fatal(err)
	}
	defer database.Close()
	var columns string
	if err := database.QueryRowContext(d.t.Context(), "SELECT group_concat(name) FROM pragma_table_info(?)",
		table).Scan(&columns); err != nil {
		d.t.Fatal(err)
	}
	var values []string
	for name := range strings.SplitSeq(columns, ",") {
		value := "row." + name
		if name == "id" {
			value = "row.id || '-' || n.i"
		}
		if other, ok := differs[name]; ok {
			value = other
		}
		values = append(values, value)
	}
	_, err = database.ExecContext(d.t.Context(), fmt.Sprintf(
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %s WHERE %s LIMIT 1) AS row, n`,
		many, table, columns, strings.Join(values, ", "), table, where))
	if err != nil {
		d.t.Fatal(err)
	}
}
