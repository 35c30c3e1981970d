package main

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"countersign/audit"
)

// compare holds the book of what was answered against the database and the trail. Who got no answer does not know: then it was
// done whole, or not at all.
func (k *killing) compare(t *testing.T, database *sql.DB) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.problems) > 0 {
		t.Fatal(strings.Join(k.problems, "\n"))
	}
	for what, statement := range k.halfDone() {
		if rows := k.ask(t, database, statement); rows != "" {
			t.Errorf("%s:\n%s", what, rows)
		}
	}
	for _, book := range []struct {
		what, rows string
		clients    []string
	}{
		{"registrations", "SELECT id FROM clients", k.registered},
		{"requests", "SELECT client_id FROM device_authorizations", k.asked},
		{"approvals", "SELECT client_id FROM device_authorizations WHERE state IN ('approved', 'redeemed')", k.approved},
		{"declines", "SELECT client_id FROM device_authorizations WHERE state = 'declined'", k.declined},
		{"redemptions", "SELECT client_id FROM device_authorizations WHERE state = 'redeemed'", k.redeemed},
		{"uses of tokens", "SELECT client_id FROM bindings WHERE used_at > 0", k.used},
		{"revocations", "SELECT client_id FROM bindings WHERE revoked_at > 0", k.revoked},
	} {
		there := map[string]bool{}
		for line := range strings.Lines(k.ask(t, database, book.rows)) {
			there[strings.TrimSpace(line)] = true
		}
		for _, client := range book.clients {
			if !there[client] {
				t.Errorf("%s: %s was answered, and is not there", book.what, client)
			}
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func (k *killing) ask(t *testing.T, database *sql.DB, statement string) string {
	t.Helper()
	lines, err := queryLines(database, statement)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// halfDone are questions whose answer is always: none.
func (k *killing) halfDone() map[string]string {
	event := func(of audit.Type) string {
		return fmt.Sprintf("SELECT 1 FROM audit_events AS e WHERE e.type = '%s' AND e.device_authorization_id = d.id", of)
	}
	const each = "SELECT d.id, d.state FROM device_authorizations AS d WHERE "
	const binding = "SELECT 1 FROM bindings AS b WHERE b.device_authorization_id = d.id AND b.account_id = d.account_id AND b.client_id = d.client_id"
	return map[string]string{
		"an approval and its binding":  each + "(state IN ('approved', 'redeemed')) <> EXISTS (" + binding + ")",
		"an approval and its event":    each + "(state IN ('approved', 'redeemed')) <> EXISTS (" + event(audit.DeviceBindingApproved) + ")",
		"a redemption and its event":   each + "(state = 'redeemed') <> EXISTS (" + event(audit.DeviceBindingRedeemed) + ")",
		"a redemption and its binding": each + "(state = 'redeemed') <> EXISTS (" + binding + " AND b.redeemed_at > 0)",
		"a redemption and its token": each +
			"(state = 'redeemed') <> EXISTS (SELECT 1 FROM refresh_tokens AS r JOIN bindings AS b ON b.id = r.binding_id " +
			"WHERE b.device_authorization_id = d.id)",
		"a request and its event": each + "NOT EXISTS (" + event(audit.DeviceAuthorizationRequested) + ")",
		"a match and its event":   each + "state <> 'pending' AND NOT EXISTS (" + event(audit.CodeMatched) + ")",
		"a proofing and its event": each +
			"(proofing_id IS NOT NULL OR EXISTS (SELECT 1 FROM proofings AS p WHERE p.device_authorization_id = d.id)) AND NOT EXISTS (" +
			event(audit.IdentityProofed) + ")",
		"a client and its event": fmt.Sprintf("SELECT id FROM clients AS c WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE type = '%s' AND client_id = c.id)",
			audit.ClientRegistered),
		"an event and its client": fmt.Sprintf("SELECT client_id FROM audit_events WHERE type = '%s' AND client_id NOT IN (SELECT id FROM clients)",
			audit.ClientRegistered),
		"two keys that sign": "SELECT purpose FROM server_keys WHERE status = 'current' GROUP BY purpose HAVING count(*) > 1",
		"two token sets":     "SELECT binding_id FROM refresh_tokens GROUP BY binding_id HAVING count(*) > 1",
		"two events of one act": fmt.Sprintf("SELECT type, device_authorization_id FROM audit_events WHERE type IN ('%s', '%s', '%s') "+
			"GROUP BY type, device_authorization_id HAVING count(*) > 1",
			audit.DeviceAuthorizationRequested, audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined),
		"two registrations of one client": fmt.Sprintf("SELECT client_id FROM audit_events WHERE type = '%s' GROUP BY client_id HAVING count(*) > 1",
			audit.ClientRegistered),
		"a decline and its event": each + "(state = 'declined') <> EXISTS (" + event(audit.DeviceAuthorizationDeclined) + ")",
		"a lost answer that was taken for an attack": fmt.Sprintf(
			"SELECT type, client_id FROM audit_events WHERE type = '%s' OR type = '%s' AND client_id NOT IN ('%s')",
			audit.RedemptionReplayed, audit.DeviceBindingRevoked, strings.Join(k.revoking, "', '")),
	}
}
