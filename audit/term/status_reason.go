package term

// StatusReason is why an administrator suspends an account, or makes it active again.
type StatusReason string

// Why a status is changed.
const (
	StatusAskedByPerson  StatusReason = "asked by the person" // of either
	StatusFraudSuspected StatusReason = "fraud suspected"
	StatusIdentifierLost StatusReason = "identifier lost"
	StatusUnderReview    StatusReason = "under review"
	StatusCleared        StatusReason = "cleared"
	StatusByMistake      StatusReason = "suspended by mistake"
)

// StatusReasons lists the set.
func StatusReasons() []StatusReason {
	return []StatusReason{
		StatusAskedByPerson, StatusFraudSuspected, StatusIdentifierLost, StatusUnderReview, StatusCleared,
		StatusByMistake,
	}
}

// Label returns it in plain English.
func (s StatusReason) Label() string {
	switch s {
	case StatusAskedByPerson:
		return "The person asked for it"
	case StatusFraudSuspected:
		return "Fraud is suspected"
	case StatusIdentifierLost:
		return "An identifier is in wrong hands"
	case StatusUnderReview:
		return "The account is under review"
	case StatusCleared:
		return "The suspicion is cleared up"
	case StatusByMistake:
		return "It was suspended by mistake"
	}
	return string(s)
}

// Suspensions are those with which an account is suspended.
func Suspensions() []StatusReason {
	return []StatusReason{StatusAskedByPerson, StatusFraudSuspected, StatusIdentifierLost, StatusUnderReview}
}

// Reinstatements are those with which an account is active again.
func Reinstatements() []StatusReason {
	return []StatusReason{StatusAskedByPerson, StatusCleared, StatusByMistake}
}
