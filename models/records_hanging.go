package models

import (
	"maps"
	"slices"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// hanging is what hangs on some requests: their bindings, the refresh tokens of these, and proofings.
type hanging struct {
	bindings  map[string][]Binding // by request
	proofings map[string][]Proofing
	tokens    map[string][]RefreshToken // by binding
}

func readHanging(db *gorm.DB, requestIDs []string) (h hanging, err error) {
	var bindings []Binding
	var proofings []Proofing
	var tokens []RefreshToken
	if err = db.Where("device_authorization_id IN ?", requestIDs).Find(&bindings).Error; err != nil {
		return h, err
	}
	if err = db.Where("device_authorization_id IN ?", requestIDs).Find(&proofings).Error; err != nil {
		return h, err
	}
	ids := make([]string, len(bindings))
	for i, binding := range bindings {
		ids[i] = binding.ID
	}
	if len(ids) > 0 {
		err = db.Where("binding_id IN ?", ids).Find(&tokens).Error
	}
	h = hanging{map[string][]Binding{}, map[string][]Proofing{}, map[string][]RefreshToken{}}
	for _, row := range bindings {
		h.bindings[row.DeviceAuthorizationID] = append(h.bindings[row.DeviceAuthorizationID], row)
	}
	for _, row := range proofings {
		h.proofings[row.DeviceAuthorizationID] = append(h.proofings[row.DeviceAuthorizationID], row)
	}
	for _, row := range tokens {
		h.tokens[row.BindingID] = append(h.tokens[row.BindingID], row)
	}
	return h, err
}

// hangsOn holds what hangs on a request, both ways.
func (c *recordsChecker) hangsOn(requestID string, story *requestStory, h hanging) {
	there := map[string]bool{}
	for _, row := range h.bindings[requestID] {
		there[row.ID] = true
		said := story.bindings[row.ID]
		if said == nil {
			c.unmade("bindings", row.ID)
			continue
		}
		c.hold("bindings", row.ID, row.columns(), said)
		c.refreshToken(row.ID, h.tokens[row.ID], story.tokens[row.ID])
	}
	for _, row := range h.proofings[requestID] {
		there[row.ID] = true
		if said := story.proofings[row.ID]; said != nil {
			c.hold("proofings", row.ID, row.columns(), said)
		} else {
			c.unmade("proofings", row.ID)
		}
	}
	c.missing("bindings", story.bindings, there)
	c.missing("proofings", story.proofings, there)
}

// missing complains of what events made and is not there.
func (c *recordsChecker) missing(table string, made map[string]saidColumns, there map[string]bool) {
	for _, id := range slices.Sorted(maps.Keys(made)) {
		if !there[id] {
			c.gone(table, id, made[id]["created_at"].seq)
		}
	}
}

// refreshToken wants one of a binding that was redeemed, and none of another. It is a secret, so that it is named by its binding.
func (c *recordsChecker) refreshToken(bindingID string, tokens []RefreshToken, said saidColumns) {
	problem := RecordProblem{Table: "refresh_tokens", ID: "of binding " + bindingID, Field: "binding_id"}
	switch {
	case said == nil && len(tokens) > 0:
		problem.Reason = "no event says that it was redeemed"
	case said != nil && len(tokens) != 1:
		problem.Reason, problem.Seq = "there is one when it was redeemed, and never another", said["created_at"].seq
	case said != nil:
		token := tokens[0]
		c.hold(problem.Table, problem.ID, map[string]any{"client_id": token.ClientID, "scope": token.Scope, "created_at": token.CreatedAt,
			"jwk_thumbprint": token.JWKThumbprint}, said)
		return
	default:
		return
	}
	c.wrong(problem)
}

// rules holds each rule that ends requests against its event, and wants one of each event that makes any.
func (c *recordsChecker) rules() error {
	for after := ""; ; {
		var rows []EndingRule
		err := c.atOnce(func(db *gorm.DB) error {
			if err := db.Where("id > ?", after).Order("id").Limit(recordsTogether).Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			return c.ruleRows(db, rows)
		})
		if err != nil || len(rows) < recordsTogether {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (c *recordsChecker) ruleRows(db *gorm.DB, rows []EndingRule) error {
	seqs, clients := make([]int64, len(rows)), []string{}
	for i, row := range rows {
		seqs[i] = row.Seq
		clients = append(clients, row.ClientID)
	}
	events, err := readEvents(db.Where("seq IN ?", seqs))
	if err != nil {
		return err
	}
	by := map[int64]toldEvent{}
	for _, event := range events {
		by[event.Seq] = event
	}
	var deleted []Client
	if err := db.Where("id IN ? AND deleted_at > 0", clients).Find(&deleted).Error; err != nil {
		return err
	}
	ends := map[string]Instant{} // of clients whose end may have been counted
	for _, client := range deleted {
		ends[client.ID] = client.DeletedAt
	}
	for _, row := range rows {
		c.report.Rows++
		if event, there := by[row.Seq]; (!there || !row.madeBy(event)) && (row.AccountID != "" || ends[row.ClientID] != row.MadeAt) {
			c.wrong(RecordProblem{Table: "ending_rules", ID: row.ID, Seq: row.Seq, Reason: "the event of its number made no such rule"})
		}
	}
	return nil
}

// madeBy reports whether the event made the rule.
func (r EndingRule) madeBy(e toldEvent) bool {
	if r.MadeAt != e.at() {
		return false
	}
	switch e.kind() {
	case audit.WaitingRequestsEnded, audit.AccountErased:
		return r.AccountID == e.Subject && r.ClientID == "" && r.Network == "" && r.Reason == EndedTogether
	case audit.SuspicionReported:
		return r.AccountID == e.Subject && r.Reason == string(term.DeclineSuspicious) &&
			(r.ClientID == e.Client && r.Network == "" || r.ClientID == "" && r.Network != "")
	case audit.ClientDeleted:
		return r.AccountID == "" && r.ClientID == e.Client && r.Network == "" && r.Reason == string(term.EndingClientDeleted)
	case audit.ClientDisabled:
		return r.AccountID == "" && r.ClientID == e.Client && r.Network == "" && r.Reason == string(term.EndingClientDisabled)
	}
	return false
}
