package models

// EndingRule ends many requests at once, by one row and one event (docs/decisions/0030-ending-rules.md): every request that
// has what the rule names and was asked for before it. What a session handled at that moment is spared by a rule of an account.
// A rule of a client alone spares nothing, and ends its approvals and bindings as well.
type EndingRule struct {
	ID        string
	Seq       int64  // number of its event in the trail, or of the next one where its own was only counted
	AccountID string // "": of any account
	ClientID  string // "": of any client
	Network   string // "": from any network
	Reason    string // of a decline as suspicious, EndedTogether, or of the end of a client
	MadeAt    Instant
}

// EndedTogether is the reason of what ended with all that waited for an account. It stands in no event.
const EndedTogether = "ended together"

// namesIt is the condition that a rule r names the request d, and came after it: one look into the index for each kind of rule.
const namesIt = `(r.account_id = '' AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after OR ` + byAccount + ")"

// byAccount is namesIt of the rules of an account, which only staff make.
const byAccount = `(r.account_id = d.account_id AND r.client_id = '' AND r.network = '' AND r.seq > d.rules_after
	OR r.account_id = d.account_id AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after
	OR r.account_id = d.account_id AND r.client_id = '' AND r.network = d.network AND r.seq > d.rules_after)`

// endedByStaff is the condition that a rule of an account ended the request d while it waited.
const endedByStaff = `EXISTS (SELECT 1 FROM ending_rules AS r WHERE ` + byAccount + ` AND r.made_at < d.pending_until)`

// endedByRule is the condition that a rule ended the request d while it waited.
const endedByRule = `EXISTS (SELECT 1 FROM ending_rules AS r WHERE ` + namesIt + ` AND r.made_at < d.pending_until)`

// noRuleIsNear is a condition on the request d which is true only where no rule names it: two looks into the index instead of
// four. It is false also where a rule of the account names other requests than this one.
const noRuleIsNear = `NOT EXISTS (SELECT 1 FROM ending_rules AS r
		WHERE r.account_id = '' AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after)
	AND NOT EXISTS (SELECT 1 FROM ending_rules AS r WHERE r.account_id = d.account_id AND r.seq > d.rules_after)`

// stillWaits is the condition that the request d can be decided at the moment @now.
const stillWaits = `d.state IN ('pending', 'matched', 'proofed') AND d.pending_until > @now AND NOT ` + endedByRule

// bindingEndedByRule is the condition that a rule ended the binding b of the request d.
const bindingEndedByRule = `EXISTS (SELECT 1 FROM ending_rules AS r
	WHERE r.account_id = '' AND r.client_id = d.client_id AND r.network = '' AND r.seq > d.rules_after)`

// obeyRules lets requests be what rules have made of them, declined; the database keeps the state from before. Every
// request that was read to be judged goes through here, or its query says endedByRule. It is one statement.
func (t *tx) obeyRules(requests ...*DeviceAuthorization) error {
	byID := map[string]*DeviceAuthorization{}
	var ids []string
	for _, d := range requests {
		if d.State != "" && d.State != Redeemed && d.State != Declined {
			byID[d.ID] = d
			ids = append(ids, d.ID)
		}
	}
	switch len(ids) {
	case 0:
		return nil
	case 1:
		return t.obeyRulesOf(byID[ids[0]])
	}
	var rules []struct {
		EndingRule
		RequestID string
	}
	err := t.Raw(`SELECT r.*, d.id AS request_id FROM device_authorizations AS d CROSS JOIN ending_rules AS r
		WHERE d.id IN ? AND `+endsIt+` ORDER BY r.seq DESC`, ids).Scan(&rules).Error
	for _, rule := range rules { // the first one that was made comes last
		byID[rule.RequestID].endBy(rule.EndingRule)
	}
	return err
}

// endsIt is the condition that a rule r ended the request d, or its approval that waits.
const endsIt = namesIt + ` AND (d.state <> 'approved' AND r.made_at < d.pending_until
	OR d.state = 'approved' AND r.account_id = '' AND r.made_at < d.redeem_until)`

const askRules = `SELECT r.seq, r.reason, r.made_at FROM device_authorizations AS d CROSS JOIN ending_rules AS r
	WHERE d.id = $1 AND ` + endsIt

// obeyRulesOf is obeyRules of one request, by a plain statement: the first of its rules counts.
func (t *tx) obeyRulesOf(d *DeviceAuthorization) error {
	var rule, first EndingRule
	err := t.each(askRules, []any{d.ID}, []any{&rule.Seq, &rule.Reason, &rule.MadeAt}, func() {
		if first.Seq == 0 || rule.Seq < first.Seq {
			first = rule
		}
	})
	if err == nil && first.Seq != 0 {
		d.endBy(first)
	}
	return err
}

func pointers(requests []DeviceAuthorization) []*DeviceAuthorization {
	list := make([]*DeviceAuthorization, 0, len(requests))
	for i := range requests {
		list = append(list, &requests[i])
	}
	return list
}

// endBy: an approval stays on record.
func (d *DeviceAuthorization) endBy(rule EndingRule) {
	if d.State != Approved && d.RedeemUntil == 0 {
		d.DecidedAt = rule.MadeAt
	}
	d.State, d.DeclineReason, d.EndedBySeq = Declined, rule.Reason, rule.Seq
}

// trailEnd is the number of the newest entry of the trail: no rule up to there touches what is made now.
func (t *tx) trailEnd() (seq int64, err error) {
	return seq, t.ask("SELECT coalesce(max(seq), 0) FROM audit_events", nil, &seq)
}

// makeRules writes rules whose event has been recorded. spared are requests that this transaction holds.
func (t *tx) makeRules(seq int64, spared []DeviceAuthorization, rules ...EndingRule) error {
	for i := range rules {
		id, err := newID(t.store.rand)
		if err != nil {
			return err
		}
		rules[i].ID, rules[i].Seq, rules[i].MadeAt = id, seq, t.now
	}
	if err := t.Create(&rules).Error; err != nil || len(spared) == 0 {
		return err
	}
	ids := make([]string, 0, len(spared))
	for _, d := range spared {
		ids = append(ids, d.ID)
	}
	return t.Model(&DeviceAuthorization{}).Where("id IN ?", ids).Update("rules_after", seq).Error
}

// How far one looks for what a rule ends. Counting is for people, and stops where nobody counts on.
const (
	newestLookedAt = 5000 // requests of an account or a client
	FallingCounted = 300  // of these
)

// newestOf is a table of the newest requests of somebody, as d.
func newestOf(whose string) string {
	return "(SELECT * FROM device_authorizations WHERE " + whose + " ORDER BY created_at DESC LIMIT @newest) AS d"
}

// someOf is a table of some requests of a client, as d: all of them where there are no more than newestLookedAt. No index has a
// client's requests in the order of time, since each request would pay for it.
const someOf = "(SELECT * FROM device_authorizations WHERE client_id = @client LIMIT @newest) AS d"

// Falling is what a rule would end, beside the request that it is about.
type Falling struct {
	Count  int  // FallingCounted at most
	More   bool // and further ones
	Spared int  // sessions handle these: they stay
}

// fact is the count as an event says it: one more than FallingCounted stands for any number above.
func (f Falling) fact() *int {
	count := f.Count
	if f.More {
		count++
	}
	return &count
}

// falling counts by a question of askingFalling, to which it adds what all of these need. It is read apart from the
// transaction that makes the rule, so that this costs the same for one and for a million.
func (t *tx) falling(question *question[falls], values given) (Falling, error) {
	values["now"], values["newest"], values["limit"] = t.now, newestLookedAt, FallingCounted+1
	counts, err := question.first(t, values)
	return Falling{Count: min(counts.Falls, FallingCounted), More: counts.Falls > FallingCounted, Spared: counts.Spared}, err
}

type falls struct{ Falls, Spared int }

// askingFalling counts what waits of some requests, newestOf or someOf, apart from the one with the identifier @id. of is
// further conditions on d.
func askingFalling(requests, of string) *question[falls] {
	return askingPatiently[falls](`SELECT count(*) - coalesce(sum(handled), 0) AS falls, coalesce(sum(handled), 0) AS spared FROM (
		SELECT CASE WHEN d.state <> 'pending' AND d.claim_until > @now THEN 1 ELSE 0 END AS handled
		FROM ` + requests + `
		WHERE d.id <> @id AND ` + stillWaits + ` AND ` + of + ` LIMIT @limit) AS falling`)
}
