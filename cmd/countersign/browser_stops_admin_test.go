package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"countersign/views"
)

const administrator = "Samuel Okonkwo"

// adminClick follows a link or presses a button on the page that the administrator sees.
func adminClick(selector, words string) func(*tour) (*tab, int64) {
	return func(w *tour) (*tab, int64) { return w.as(administrator), w.as(administrator).click(selector, words) }
}

// adminSubmit sends a form of the page that the administrator sees.
func adminSubmit(form string, values url.Values) func(*tour) (*tab, int64) {
	return func(w *tour) (*tab, int64) { return w.as(administrator), w.as(administrator).submit(form, values) }
}

// counterAdminStops are an administrator's pages of counters, with what may be wrong in their forms.
func counterAdminStops() []stop {
	wrong := url.Values{"name": {""}, "time_zone": {"Europe/Nowhere"}, "networks": {"192.0.2.0/24\n300.0.0.1"}}
	return []stop{
		{"counters", 200, at(administrator, views.PathCounters)},
		{"counters, wrong fields", 200, adminSubmit("[action='"+views.PathCounters+"']", wrong)},
		{"counters, one more", 200, adminSubmit("[action='"+views.PathCounters+"']", url.Values{
			"name": {strings.Repeat("Quayside-Gesundheitszentrum ", 3)}, "time_zone": {"Europe/Berlin"},
			"address":  {strings.Repeat("Long Street ", 12)},
			"networks": {"192.0.2.0/24\n2001:db8:1234:5678:9abc:def0:1234:0/112"}, "hours": {"Mon–Fri 9–17"},
		})},
		{"counter to change", 200, adminClick("tbody a", "Quayside-")},
		{"counter to change, wrong fields", 200, adminSubmit("[action^='/admin/counters/']:not([action$='/close'])", wrong)},
		{"counter, to be closed", 200, adminClick("a[href$='/close']", "")},
		{"counter, closed", 200, adminSubmit("[action$='/close']", nil)},
	}
}

// accountAdminStops are an administrator's pages of accounts and of files of accounts.
func accountAdminStops() []stop {
	search := func(identifier string) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			b := w.as(administrator)
			b.open(views.PathAccounts)
			return b, b.submit(".search", url.Values{"identifier": {identifier}})
		}
	}
	upload := func(text string) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			b := w.as(administrator)
			b.open(views.PathAccounts)
			return b, b.upload("[action$='/import']", text)
		}
	}
	return []stop{
		{"accounts", 200, at(administrator, views.PathAccounts)},
		{"accounts, nothing typed", 200, search("")},
		{"accounts, nobody found", 200, search("nobody@example.org")},
		{"accounts, many found", 200, search("C-1")},
		{"one account", 200, search("C-100263")},
		{"one account, to be corrected", 200, adminClick("a[href$='/record']", "")},
		{"one account, wrong fields", 200, adminSubmit("[action$='/record']", url.Values{"name": {""}, "date_of_birth": {"05/06/1980"}})},
		{"one account, as it was", 200, adminClick("main a", "Leave it as it is")},
		{"one account, rules kept", 200, adminSubmit("[action$='/rules']", url.Values{"two_person": {"yes"}})},
		{"one account, suspended", 200, adminSubmit("[action$='/suspend']", nil)},
		{"account to add", 200, at(administrator, views.PathNewAccount)},
		{"import, no file", 200, func(w *tour) (*tab, int64) {
			b := w.as(administrator)
			b.open(views.PathAccounts)
			return b, b.submit("[action$='/import']", nil)
		}},
		{"import, problems", 200, upload(accountsHeader + strings.Repeat("x", 90) + ",," + "1984-13-45,,\n,Nobody,,," +
			strings.Repeat("y", 60) + "\n")},
		{"import, changes", 200, upload(accountsHeader + "C-100248,Grace Adeyemi-Featherstonehaugh,1969-01-18," + strings.Repeat("a", 60) +
			"@example.org,suspended\nC-100999,New Person,1990-01-01,,active\n")},
		{"import, nothing to import", 200,
			upload(accountsHeader + "C-100364;victor.moreau@example.com,Victor Moreau,1958-10-19,victor.moreau@example.com,suspended\n")},
		{"import, many lines", 200, upload(manyAccounts(600))},
		{"imported", 200, adminSubmit("[action='"+views.PathImportConfirm+"']", nil)},
	}
}

// staffAdminStops are an administrator's pages of staff, policies and apps.
func staffAdminStops() []stop {
	return []stop{
		{"staff", 200, at(administrator, views.PathStaff)},
		{"one of the staff", 200, adminClick("tbody a", demoOperator)},
		{"one of the staff, oneself", 200, func(w *tour) (*tab, int64) {
			w.as(administrator).open(views.PathStaff)
			return adminClick("tbody a", administrator)(w)
		}},
		{"policies", 200, at(administrator, views.PathPolicies)},
		{"state of the server", 200, at(administrator, views.PathState)},
		{"no notices that were given up", 200, at(administrator, views.PathUndelivered)},
		{"notices that were given up", 200, func(w *tour) (*tab, int64) {
			w.giveUpNotices()
			return at(administrator, views.PathUndelivered)(w)
		}},
		{"notices that were given up, all to be put aside", 200, adminClick("tbody a.action", "Put aside")},
		{"notices that were given up, all put aside", 200, adminSubmit("[action='"+views.PathUndelivered+"']", nil)},
		{"publishers, with apps", 200, at(administrator, views.PathPublishers)},
		{"one app", 200, adminClick("a[href*='software_id']", "")},
	}
}

// giveUpNotices lets those be given up that there are: some refused, some perhaps sent, and some by a way that is not set up.
func (d *browserDemo) giveUpNotices() {
	d.t.Helper()
	database, err := sql.Open("sqlite3", filepath.Join(d.folder, demoDatabaseFile)+"?_busy_timeout=5000")
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = database.ExecContext(d.t.Context(), `UPDATE notices SET outcome = 'failed', attempts = 4, done_at = created_at,
		cause = CASE rowid % 3 WHEN 0 THEN 'unsure' ELSE 'refused' END, channel = CASE rowid % 5 WHEN 0 THEN 'webhook' ELSE 'mail' END,
		answer = CASE rowid % 3 WHEN 0 THEN 'the mail server did not say whether it took the mail: perhaps sent'
			ELSE 'the mail server refused: step "RCPT TO", code 550 5.1.1' END
		WHERE outcome IN ('', 'sent') AND former_contact = ''`)
	if err := errors.Join(err, database.Close()); err != nil {
		d.t.Fatal(err)
	}
}

// manyAccounts is a file of so many new ones.
func manyAccounts(number int) string {
	var file strings.Builder
	file.WriteString(accountsHeader)
	for i := range number {
		fmt.Fprintf(&file, "N-%05d,Person %d of many,,,\n", i, i)
	}
	return file.String()
}

// upload sends a form with a file.
func (b *tab) upload(form, text string) int64 {
	b.t.Helper()
	return b.run(fmt.Sprintf(`const form = document.querySelector(%s), chosen = new DataTransfer();
		chosen.items.add(new File([%s], "accounts.csv", {type: "text/csv"}));
		form.elements.file.files = chosen.files;
		form.requestSubmit();`, quoteJS("form"+form), quoteJS(text)))
}
