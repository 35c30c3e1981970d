package accountcsv

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"countersign/models"
	"countersign/models/document"
	"countersign/models/spelling"
	"countersign/oauth"

	"golang.org/x/text/language"
)

// account reads one line, noting everything that is wrong with it.
func (r *accountsReader) account(record []string) models.ImportedAccount {
	account := models.ImportedAccount{Line: r.line}
	for i, column := range r.columns {
		field, ok := r.field(column, record[i])
		if !ok {
			continue
		}
		switch column {
		case columnIdentifiers:
			account.Identifiers = r.identifiers(field)
		case columnName:
			account.FullName = r.text(column, field, longestName)
			if field == "" {
				r.refuse(column, models.ImportNoName)
			}
		case columnStaff:
			subject := r.text(column, field, longestSubject)
			account.StaffSubject = &subject
		case columnLatinName:
			account.LatinName = r.latinName(field)
		case columnLanguage:
			account.Language = r.language(field)
		case columnBirth:
			account.DateOfBirth = r.dateOfBirth(field)
		case columnContact:
			account.Contact = r.text(column, field, longestContact)
		case columnStatus:
			account.Status = r.status(field)
		case columnPresence:
			account.PresenceRequired = r.isRequired(column, field)
		case columnTwoPerson:
			account.TwoPersonRequired = r.isRequired(column, field)
		}
	}
	return account
}

// field is what a field holds; false when that cannot be read. Identifiers are looked at one by one.
func (r *accountsReader) field(column, raw string) (string, bool) {
	field := strings.TrimFunc(raw, func(r rune) bool { return r != '\x1a' && !filled(string(r)) })
	if problem := unreadable(field); problem != "" {
		r.refuse(column, problem)
		return "", false
	}
	if column == columnIdentifiers && strings.Contains(field, ";") && !quotedText.MatchString(field) {
		return field, true
	}
	field, problem := undamaged(field)
	if problem != "" {
		r.refuse(column, problem)
	}
	return field, problem == ""
}

// identifiers are what a phone can name the account by, so each must be a
// login_hint that the server takes.
func (r *accountsReader) identifiers(field string) []string {
	var list []string
	for identifier := range strings.SplitSeq(field, ";") {
		identifier, damage := undamaged(strings.TrimSpace(identifier))
		if damage != "" {
			r.refuse(columnIdentifiers, damage)
			continue
		}
		if identifier == "" {
			continue
		}
		if utf8.RuneCountInString(identifier) > oauth.MaxLoginHint {
			r.refuse(columnIdentifiers, models.ImportIdentifierLong, strconv.Itoa(oauth.MaxLoginHint))
			continue
		}
		if oauth.HasUnencodedPlus(identifier) {
			r.refuse(columnIdentifiers, models.ImportBlankInMailbox)
			continue
		}
		if _, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: identifier}); err != nil {
			r.refuse(columnIdentifiers, models.ImportHidden)
			continue
		}
		key := spelling.Key(identifier)
		switch line, taken := r.lines[key]; {
		case taken && line == r.line:
			r.refuse(columnIdentifiers, models.ImportTwiceHere, shown(identifier))
			continue
		case taken:
			r.refuse(columnIdentifiers, models.ImportTwice, shown(identifier), strconv.Itoa(line))
			continue
		}
		r.lines[key] = r.line
		list = append(list, identifier)
	}
	if len(list) > mostIdentifiers {
		r.refuse(columnIdentifiers, models.ImportIdentifierMany, strconv.Itoa(mostIdentifiers))
	}
	if strings.Trim(field, "; ") == "" {
		r.refuse(columnIdentifiers, models.ImportNoIdentifier)
	}
	return list
}

func (r *accountsReader) text(column, field string, longest int) string {
	if utf8.RuneCountInString(field) > longest {
		r.refuse(column, models.ImportLong, strconv.Itoa(longest))
	}
	return field
}

// latinName may be empty: then the record has none.
func (r *accountsReader) latinName(field string) *string {
	other := func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) }
	if strings.ContainsFunc(field, other) || field != "" && !strings.ContainsFunc(field, unicode.IsLetter) {
		r.refuse(columnLatinName, models.ImportNotLatin)
	}
	name := r.text(columnLatinName, field, longestName)
	return &name
}

// language may be empty: then notices are in that of the deployment. A tag is kept as BCP 47 spells it.
func (r *accountsReader) language(field string) *string {
	tag, err := language.Parse(field)
	if field != "" && (err != nil || tag == language.Und || len(field) > longestTag) {
		r.refuse(columnLanguage, models.ImportLanguage, shown(field))
	}
	spelled := ""
	if field != "" {
		spelled = tag.String()
	}
	return &spelled
}

// dateOfBirth may be unknown, which is empty. A date that a spreadsheet wrote otherwise is read when only one day is meant by it.
func (r *accountsReader) dateOfBirth(field string) string {
	if field == "" {
		return ""
	}
	field = midnight.ReplaceAllString(field, "")
	day, err := time.Parse(time.DateOnly, field)
	date := document.DateOf(day)
	switch days := document.ReadBirthDate(field, r.now); {
	case err == nil:
	case len(days) == 1 && !days[0].ShortYear:
		date = days[0]
	case len(days) > 0, dayNumber.MatchString(field):
		r.refuse(columnBirth, models.ImportDateForm)
		return ""
	default:
		r.refuse(columnBirth, models.ImportNotADate, shown(field))
		return ""
	}
	written := date.String()
	switch {
	case date.Year < 1850:
		r.refuse(columnBirth, models.ImportLongAgo, written)
	case written > r.now.Format(time.DateOnly):
		r.refuse(columnBirth, models.ImportFuture, written)
	}
	return written
}

func (r *accountsReader) status(field string) string {
	switch status := strings.ToLower(field); status {
	case "":
		return models.AccountActive
	case models.AccountActive, models.AccountSuspended, models.AccountLocked, models.AccountClosed:
		return status
	}
	r.refuse(columnStatus, models.ImportStatus, shown(field))
	return ""
}

// isRequired may be empty, which requires nothing.
func (r *accountsReader) isRequired(column, field string) *bool {
	required := strings.EqualFold(field, "required")
	if field != "" && !required {
		r.refuse(column, models.ImportRequired, shown(field))
	}
	return &required
}

// unreadable says why a text cannot be shown as it is.
func unreadable(text string) models.ImportProblem {
	switch {
	case !utf8.ValidString(text):
		return models.ImportNotUTF8
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cc, r) }):
		return models.ImportControl
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return models.ImportDirection
	}
	return ""
}

// shown is a text from a file, fit for a terminal.
func shown(text string) string {
	runes := []rune(fmt.Sprintf("%q", text))
	if len(runes) > 60 {
		return string(runes[:58]) + `…"`
	}
	return string(runes)
}
