package views

import (
	"net/url"
	"strconv"
)

// The fixed addresses that pages link to or post to.
const (
	PathHome           = "/"
	PathSignIn         = "/sign-in"
	PathSignOut        = "/sign-out"
	PathSession        = "/session" // whether the session lives
	PathSignedOut      = "/sign-in/out"
	PathStepUp         = "/sign-in/again"
	PathLanguage       = "/language"
	PathCounter        = "/counter"
	PathOpenCounter    = "/counter/open"
	PathSearch         = "/counter/search"
	PathVisits         = "/counter/visits/" // what lies below belongs to one visit
	PathReviewEvents   = "/review/events"
	PathReviewExport   = "/review/events/export"
	PathOverview       = "/review/overview"
	PathReviewAccounts = "/review/accounts"
	PathReviewReceipts = "/review/receipts"
	PathScanner        = "/settings/scanner"
	PathHelp           = "/help"
	PathPractice       = "/practice" // where people and accounts are invented

	PathPublishers         = "/admin/publishers"
	PathSoftware           = "/admin/software"
	PathChangeSoftware     = "/admin/software/change"
	PathRegistrationTokens = "/admin/registration-tokens"
	PathCounters           = "/admin/counters"
	PathAccounts           = "/admin/accounts"
	PathAccountsImport     = "/admin/accounts/import"
	PathStaff              = "/admin/staff"
	PathPolicies           = "/admin/policies"
	PathState              = "/admin/state"
	PathUndelivered        = "/admin/notices"
)

// StepUpPath asks staff to sign in again, and leads back to a local page.
func StepUpPath(returnTo string) string {
	return PathStepUp + "?" + url.Values{"return_to": {returnTo}}.Encode()
}

// AccountPath is the page of one account at the counter.
func AccountPath(account string) string { return "/counter/accounts/" + url.PathEscape(account) }

// OpenRecordPath opens the record of an account to whoever presses the button.
func OpenRecordPath(account string) string { return AccountPath(account) + "/open" }

// ReviewOpenRecordPath is the same for supervisors.
func ReviewOpenRecordPath(account string) string {
	return PathReviewAccounts + "/" + url.PathEscape(account) + "/open"
}

// MatchPath takes the code that the customer's device shows.
func MatchPath(account string) string { return AccountPath(account) + "/match" }

// ProofPath is the ID document step of a visit; its form posts there as well.
func ProofPath(visit string) string { return visitPath(visit) + "/proof" }

// DecidePath is the last step of a visit.
func DecidePath(visit string) string { return visitPath(visit) + "/decide" }

// ApprovePath takes the approval of a visit.
func ApprovePath(visit string) string { return visitPath(visit) + "/approve" }

// DeclinePath asks for a reason (GET) and takes a decline (POST).
func DeclinePath(visit string) string { return visitPath(visit) + "/decline" }

// OpenVisitPath opens the record of its account, and leads on to the page that the form names.
func OpenVisitPath(visit string) string { return visitPath(visit) + "/open" }

// ReleasePath gives a claimed request back.
func ReleasePath(visit string) string { return visitPath(visit) + "/release" }

// ExtendPath asks for more time for a visit.
func ExtendPath(visit string) string { return visitPath(visit) + "/extend" }

// ReceiptRecallPath takes back the approval of a visit a moment after it.
func ReceiptRecallPath(visit string) string { return visitPath(visit) + "/recall" }

// BindingsPath lists what an account has, for the operator of its visit; EndAllPath asks
// (GET) and ends (POST) all of it.
func BindingsPath(account string) string { return AccountPath(account) + "/bindings" }

// EndAllPath belongs to BindingsPath.
func EndAllPath(account string) string { return BindingsPath(account) + "/end" }

// EndWaitingPath ends all that waits for the account of a visit.
func EndWaitingPath(account string) string { return AccountPath(account) + "/waiting/end" }

// BindingPath is the page of one binding, for the operator of a visit of its account.
func BindingPath(binding string) string { return "/counter/bindings/" + url.PathEscape(binding) }

// BindingRevokePath ends it.
func BindingRevokePath(binding string) string { return BindingPath(binding) + "/revoke" }

// BindingLabelPath gives it another label.
func BindingLabelPath(binding string) string { return BindingPath(binding) + "/label" }

// AskDisconnectionPath asks supervisors to disconnect a device of the account.
func AskDisconnectionPath(account string) string { return AccountPath(account) + "/disconnection" }

// AskBindingDisconnectionPath asks them to disconnect this one.
func AskBindingDisconnectionPath(binding string) string {
	return BindingPath(binding) + "/disconnection"
}

// ReviewBindingsPath is BindingsPath for supervisors, and ReviewEndAllPath EndAllPath.
func ReviewBindingsPath(account string) string {
	return "/review/accounts/" + url.PathEscape(account) + "/bindings"
}

// ReviewEndAllPath belongs to ReviewBindingsPath.
func ReviewEndAllPath(account string) string { return ReviewBindingsPath(account) + "/end" }

// ReviewEndWaitingPath is EndWaitingPath for supervisors.
func ReviewEndWaitingPath(account string) string {
	return "/review/accounts/" + url.PathEscape(account) + "/waiting/end"
}

// ReceiptPath is the durable page about a decision.
func ReceiptPath(visit string) string { return visitPath(visit) + "/receipt" }

// ReceiptFilePath is the decision's entry with the proof that the log has it, as a file.
func ReceiptFilePath(visit string) string { return ReceiptPath(visit) + "/file" }

// ReviewReceiptFilePath is ReceiptFilePath for supervisors.
func ReviewReceiptFilePath(request string) string { return ReviewRequestPath(request) + "/receipt" }

// ReceiptLabelPath gives the binding of a visit another label.
func ReceiptLabelPath(visit string) string { return visitPath(visit) + "/label" }

// EventPath is the page of one event of the trail, by its entry's number or its jti.
func EventPath(event string) string { return PathReviewEvents + "/" + url.PathEscape(event) }

// StoryPath is what happened to one account.
func StoryPath(account string) string { return PathReviewAccounts + "/" + url.PathEscape(account) }

// StaffDayPath is what one of the staff did on one day, as in "2026-05-01"; "" is today.
func StaffDayPath(staff, day string) string { return timePath("/review/staff/", staff, "day", day) }

// StaffDayOf is the day of an entry.
func StaffDayOf(staff string, entry int64) string {
	return timePath("/review/staff/", staff, "entry", strconv.FormatInt(entry, 10))
}

// CounterWeekPath is what happened at a counter in one week of ISO 8601, as in "2026-W18"; "" is this one.
func CounterWeekPath(counter, week string) string {
	return timePath("/review/counters/", counter, "week", week)
}

// CounterWeekOf is the week of an entry.
func CounterWeekOf(counter string, entry int64) string {
	return timePath("/review/counters/", counter, "entry", strconv.FormatInt(entry, 10))
}

func timePath(folder, id, parameter, value string) string {
	path := folder + url.PathEscape(id)
	if value == "" {
		return path
	}
	return path + "?" + url.Values{parameter: {value}}.Encode()
}

// EntryPath is EventPath by the number.
func EntryPath(entry int64) string { return EventPath(strconv.FormatInt(entry, 10)) }

// ReviewRequestPath is a supervisor's page about one request.
func ReviewRequestPath(request string) string {
	return "/review/device-authorizations/" + url.PathEscape(request)
}

// OpenRequestPath opens the record of its account.
func OpenRequestPath(request string) string { return ReviewRequestPath(request) + "/open" }

// RecallPath takes back an approval that the device has not redeemed.
func RecallPath(request string) string { return ReviewRequestPath(request) + "/recall" }

// RevokePath ends a binding.
func RevokePath(binding string) string {
	return "/review/bindings/" + url.PathEscape(binding) + "/revoke"
}

// LabelPath gives a binding another label.
func LabelPath(binding string) string {
	return "/review/bindings/" + url.PathEscape(binding) + "/label"
}

// SoftwarePath is the page of one app; a software_id is any text.
func SoftwarePath(id string) string { return PathSoftware + "?software_id=" + url.QueryEscape(id) }

// RevokeTokenPath takes an initial access token back.
func RevokeTokenPath(token string) string {
	return PathRegistrationTokens + "/" + url.PathEscape(token) + "/revoke"
}

// AlertPath takes a note on an alert, or closes it.
func AlertPath(event string) string { return "/review/alerts/" + url.PathEscape(event) }

// TakeAlertPath says that a supervisor sees to an alert.
func TakeAlertPath(event string) string { return AlertPath(event) + "/take" }

// DisconnectPath answers an alert that asks for it.
func DisconnectPath(event string) string {
	return "/review/alerts/" + url.PathEscape(event) + "/disconnect"
}

// UnlockPath opens code entry again for an account.
func UnlockPath(account string) string {
	return "/review/accounts/" + url.PathEscape(account) + "/unlock"
}

// PathImportConfirm imports what was previewed, PathImportDiscard forgets it. PathImportProgress says how far an import is.
const (
	PathImportConfirm = PathAccountsImport + "/confirm"
	PathImportDiscard = PathAccountsImport + "/discard"

	PathImportProgress = PathAccountsImport + "/progress"
	PathAccountsSample = PathAccounts + "/sample.csv"
	PathNewAccount     = PathAccounts + "/new"
)

// CounterSettingsPath is an administrator's page about one counter; its form posts there as well.
func CounterSettingsPath(counter string) string { return PathCounters + "/" + url.PathEscape(counter) }

// CloseCounterPath takes a counter out of use.
func CloseCounterPath(counter string) string { return CounterSettingsPath(counter) + "/close" }

// ReopenCounterPath puts it into use again.
func ReopenCounterPath(counter string) string { return CounterSettingsPath(counter) + "/reopen" }

// StaffPath is an administrator's page about somebody of the staff.
func StaffPath(staff string) string { return PathStaff + "/" + url.PathEscape(staff) }

// StaffCountersPath limits them to counters.
func StaffCountersPath(staff string) string { return StaffPath(staff) + "/counters" }

// EndSessionsPath ends their sessions.
func EndSessionsPath(staff string) string { return StaffPath(staff) + "/end-sessions" }

// AccountSettingsPath is an administrator's page about one account.
func AccountSettingsPath(account string) string { return PathAccounts + "/" + url.PathEscape(account) }

// AdminOpenRecordPath opens it to an administrator.
func AdminOpenRecordPath(account string) string { return AccountSettingsPath(account) + "/open" }

// SuspendPath suspends an account.
func SuspendPath(account string) string { return AccountSettingsPath(account) + "/suspend" }

// ReinstatePath makes it active again.
func ReinstatePath(account string) string { return AccountSettingsPath(account) + "/reinstate" }

// AccountRecordPath corrects its record.
func AccountRecordPath(account string) string { return AccountSettingsPath(account) + "/record" }

// AccountRulesPath says what its approvals need.
func AccountRulesPath(account string) string { return AccountSettingsPath(account) + "/rules" }

func visitPath(visit string) string { return PathVisits + url.PathEscape(visit) }
