package term

// Refusal is why a member of staff was not allowed to do what they tried. A request in the wrong
// phase is refused with the word of that phase.
type Refusal string

// Why staff were refused.
const (
	RefusalOwnAccount        Refusal = "own account"
	RefusalOwnAccountUnknown Refusal = "own account unknown"
	RefusalOwnAlert          Refusal = "own alert"
	RefusalNotTheClaim       Refusal = "not the claim"
	RefusalAccountNotActive  Refusal = "account not active"
	RefusalClientDisabled    Refusal = "client disabled"
	RefusalTooManyWrongCodes Refusal = "too many wrong codes"
	RefusalClaimedByAnother  Refusal = "claimed by another"
	RefusalMatchingLocked    Refusal = "matching locked"
	RefusalPresenceRequired  Refusal = "presence required"
	RefusalScopeWithdrawn    Refusal = "scope withdrawn"
	RefusalSecondRequired    Refusal = "second person required"
	RefusalNotLooked         Refusal = "not looked"
	RefusalSamePerson        Refusal = "same person"
	RefusalDetailsDiffer     Refusal = "details differ"
	RefusalChanged           Refusal = "changed meanwhile"
	RefusalRecordChanged     Refusal = "record changed"
	RefusalTooManyOpened     Refusal = "too many opened records"
	RefusalTooManyAsked      Refusal = "too many disconnection requests"
	RefusalOwnWrongCodes     Refusal = "own wrong codes"
	RefusalNoVisit           Refusal = "no visit"
	RefusalNotProofed        Refusal = "no proofing"
	RefusalNotToRecall       Refusal = "not theirs to recall"
	RefusalPending           Refusal = "pending"
	RefusalMatched           Refusal = "matched"
	RefusalProofed           Refusal = "proofed"
	RefusalApproved          Refusal = "approved"
	RefusalRedeemed          Refusal = "redeemed"
	RefusalDeclined          Refusal = "declined"
	RefusalExpired           Refusal = "expired"
	RefusalLapsed            Refusal = "lapsed"
)

// Refusals lists the set.
func Refusals() []Refusal {
	return []Refusal{
		RefusalOwnAccount, RefusalOwnAccountUnknown, RefusalOwnAlert, RefusalNotTheClaim, RefusalAccountNotActive,
		RefusalClientDisabled, RefusalTooManyWrongCodes, RefusalClaimedByAnother, RefusalMatchingLocked,
		RefusalPresenceRequired, RefusalScopeWithdrawn, RefusalSecondRequired, RefusalNotLooked, RefusalSamePerson,
		RefusalDetailsDiffer, RefusalChanged, RefusalRecordChanged, RefusalTooManyOpened,
		RefusalTooManyAsked, RefusalOwnWrongCodes,
		RefusalNoVisit, RefusalNotProofed, RefusalNotToRecall, RefusalPending,
		RefusalMatched, RefusalProofed, RefusalApproved, RefusalRedeemed, RefusalDeclined, RefusalExpired,
		RefusalLapsed,
	}
}

// Label returns it in plain English.
func (r Refusal) Label() string {
	switch r {
	case RefusalOwnAccount:
		return "it was their own account"
	case RefusalOwnAccountUnknown:
		return "which account is their own was not known"
	case RefusalOwnAlert:
		return "it was an alert that they had caused"
	case RefusalNotTheClaim:
		return "another session holds the request"
	case RefusalAccountNotActive:
		return "the account was not active"
	case RefusalClientDisabled:
		return "the app on the device was disabled"
	case RefusalTooManyWrongCodes:
		return "they had entered too many wrong codes"
	case RefusalClaimedByAnother:
		return "another operator holds the request"
	case RefusalMatchingLocked:
		return "code entry was locked for the account"
	case RefusalPresenceRequired:
		return "the device’s own proof was missing"
	case RefusalScopeWithdrawn:
		return "the app may have nothing of what it asked for any more"
	case RefusalSecondRequired:
		return "the second person was missing"
	case RefusalNotLooked:
		return "they had not opened the record"
	case RefusalSamePerson:
		return "they had asked for the second person themselves"
	case RefusalDetailsDiffer:
		return "the document differs from the record"
	case RefusalChanged:
		return "it was not as the page had shown it any more"
	case RefusalRecordChanged:
		return "the record was changed after the document was checked"
	case RefusalTooManyOpened:
		return "they had opened too many customers’ records"
	case RefusalTooManyAsked:
		return "they had asked for too many disconnections"
	case RefusalOwnWrongCodes:
		return "they had entered wrong codes for the account themselves"
	}
	return r.endingLabel()
}

// endingLabel returns why nothing was ended or taken back.
func (r Refusal) endingLabel() string {
	switch r {
	case RefusalNoVisit:
		return "no visit of the account lasted"
	case RefusalNotProofed:
		return "the ID document was not checked"
	case RefusalNotToRecall:
		return "only a supervisor could take it back"
	}
	return r.phaseLabel()
}

// phaseLabel returns what it means that the request was in a phase.
func (r Refusal) phaseLabel() string {
	switch r {
	case RefusalPending, RefusalMatched:
		return "match or document check was missing"
	case RefusalProofed:
		return "the document was checked already"
	case RefusalApproved:
		return "it was approved already"
	case RefusalRedeemed:
		return "it was redeemed already"
	case RefusalDeclined:
		return "it was declined already"
	case RefusalExpired, RefusalLapsed:
		return "it was too late"
	}
	return string(r)
}
