package review

import (
	"errors"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

// verdict says whether the entry is what was written, or what is wrong and whom to call.
func (t eventTeller) verdict(now time.Time) views.Verdict {
	say, proof := views.Speaker(t.ctx), t.found.Proof
	at := views.Second(t.ctx, now, t.zone)
	wrong, detail := t.wrong()
	if len(wrong) == 0 {
		return views.Verdict{Good: true, Title: say("Verified: this is what was written"), Lines: []string{
			say("The signature is good. It is of key %s, which entry %d named on %s.", isolated(proof.Key), proof.NamedBy,
				views.Second(t.ctx, proof.NamedAt.Time(), t.zone)),
			say("What pages and filters find it by is what the signed token says."),
			t.inTree(),
			say("Checked for this page, on %s.", at),
		}}
	}
	return views.Verdict{
		Title:  say("Do not rely on this entry"),
		Lines:  append(wrong, say("Change nothing, and call whoever runs this server: “countersign audit verify” finds what else is wrong.")),
		Detail: detail,
	}
}

// wrong says what is wrong with the entry, and the verifier's own words for it. Nothing is: none.
func (t eventTeller) wrong() (lines []string, detail string) {
	proof := t.found.Proof
	if proof.Problem != nil {
		lines, detail = append(lines, t.fault()), proof.Problem.Error()
	}
	if proof.Keys != nil {
		lines = append(lines, views.Say(t.ctx, "From entry %d on the trail does not say soundly which keys may sign.", proof.Keys.Seq))
		if detail == "" {
			detail = proof.Keys.Reason
		}
	}
	if len(t.found.Altered) > 0 {
		lines = append(lines, views.Say(t.ctx, "A text beside the log is not the one that this entry states. It is not shown."))
	}
	if _, refused := errors.AsType[*models.LogRefusedError](proof.InTree); refused {
		lines = append(lines, views.Say(t.ctx,
			"It cannot be proved that the log has this entry: the log is not what its newest checkpoint signs."))
		if detail == "" {
			detail = proof.InTree.Error()
		}
	}
	return lines, detail
}

// fault says what the entry itself is not.
func (t eventTeller) fault() string {
	say, key := views.Speaker(t.ctx), isolated(t.found.Proof.Key)
	if _, early := errors.AsType[audit.UnnamedKeyError](t.found.Proof.Problem); early {
		return say("It is signed with key %s, which the trail had not named by then.", key)
	}
	fault, _ := errors.AsType[*audit.FaultError](t.found.Proof.Problem)
	if fault == nil {
		return say("It cannot be checked.")
	}
	switch fault.Fault {
	case audit.FaultToken:
		return say("It is no signed entry at all: somebody has written over it in the database.")
	case audit.FaultKey:
		return say("It names key %s, which is none of this log’s, or one that the master key does not vouch for.", key)
	case audit.FaultSignature:
		return say("Its signature is not of key %s: it was changed after it was signed, or somebody else made it.", key)
	case audit.FaultClaims:
		return say("It is signed, and says what no entry with this number can say: it was put here from elsewhere.")
	case audit.FaultRow:
		return say("The signed token is whole. What stands beside it in the database, by which pages and filters find it, was changed.")
	}
	return say("It cannot be checked.")
}

// inTree says where the entry is in the log.
func (t eventTeller) inTree() string {
	say := views.Speaker(t.ctx)
	if t.found.Proof.InTree != nil {
		return say("It is too new for the newest checkpoint. That takes a moment: load the page again.")
	}
	return say("It is number %d of the %d entries that the newest checkpoint signs.", t.found.Seq, t.found.Proof.Inclusion.Head.Size)
}
