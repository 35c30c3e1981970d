package admin

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/oauth"
	"countersign/views"

	"golang.org/x/text/language"
)

// The settings of policies in words. Names that an organisation chose stand as they are,
// in isolates.

func registrationWords(ctx context.Context, policy models.RegistrationPolicy) string {
	switch policy {
	case models.RegistrationByToken:
		return views.Say(ctx, "A token of yours, good for one device")
	case models.RegistrationStated:
		return views.Say(ctx, "The signature of a publisher here")
	}
	return views.Say(ctx, "Nothing but a key of its own")
}

func limitWords(ctx context.Context, level limits.Level) string {
	switch level {
	case limits.Strict:
		return views.Say(ctx, "Strict")
	case limits.Off:
		return views.Say(ctx, "Off")
	}
	return views.Say(ctx, "The usual ones")
}

// limitNumbers are the rows of the limits as --limit takes them, in the names that it has for them.
func (h *Admin) limitNumbers(ctx context.Context) (lines []string) {
	for _, row := range limits.Rows() {
		text := views.Say(ctx, "Any number")
		if rate, limited := limits.RateOf(h.app.Limits, h.app.OwnLimits, row); limited {
			text = rate.String()
		}
		lines = append(lines, isolated(string(row)+"="+text))
	}
	p := h.app.Store.Policy()
	for _, one := range []struct {
		name   string
		number int
	}{
		{"wrong-codes", p.WrongCodesPerOperator}, {"wrong-codes-account", p.WrongCodesThatLock},
		{"waiting-requests", p.WaitingPerPhone}, {"waiting-from-network", p.WaitingPerNetwork},
	} {
		lines = append(lines, isolated(one.name+"="+number(ctx, one.number)))
	}
	return lines
}

// documentWords lists what is accepted, each with what is checked of it.
func documentWords(ctx context.Context, rules document.Rules) []string {
	var lines []string
	for _, rule := range rules {
		var checks []string
		for _, check := range []struct {
			needed bool
			words  string
		}{
			{rule.Photo, views.Key("photo compared")}, {rule.Handled, views.Key("held in the hand")}, {rule.Number, views.Key("number")},
			{rule.Issuer, views.Key("issuing country")}, {rule.Expiry && !rule.Endless, views.Key("expiry date")},
			{rule.Expiry && rule.Endless, views.Key("expiry date, or no end")},
		} {
			if check.needed {
				checks = append(checks, views.Say(ctx, check.words))
			}
		}
		if rule.MinimumAge > 0 {
			checks = append(checks, views.Say(ctx, "from the age of %d", rule.MinimumAge))
		}
		name := views.ChoiceLabel(views.DocumentTypes(ctx), string(rule.Type))
		lines = append(lines, name+": "+strings.Join(checks, ", "))
	}
	return lines
}

func scopeWords(ctx context.Context, scopes []web.Scope) []string {
	var lines []string
	for _, scope := range scopes {
		lines = append(lines, isolated(scope.Name)+": "+isolated(scope.WordsIn(ctx)))
	}
	return lines
}

func resourceWords(ctx context.Context, resources oauth.Resources) []string {
	var lines []string
	for _, resource := range resources {
		if len(resource.Scope) == 0 {
			lines = append(lines, views.Say(ctx, "%s: all scopes", isolated(resource.URI)))
			continue
		}
		lines = append(lines, isolated(resource.URI)+": "+strings.Join(resource.Scope, ", "))
	}
	return lines
}

// roleWords tells which values of the claim make which roles.
func roleWords(ctx context.Context, staff web.StaffProvider) []string {
	if len(staff.Roles) == 0 {
		return []string{views.Say(ctx, "The roles’ own names")}
	}
	var lines []string
	for _, value := range slices.Sorted(maps.Keys(staff.Roles)) {
		lines = append(lines, isolated(value)+": "+views.RoleName(ctx, string(staff.Roles[value])))
	}
	return lines
}

func networkWords(ctx context.Context, networks []netip.Prefix) []string {
	var lines []string
	for _, network := range networks {
		lines = append(lines, network.String())
	}
	return orNone(ctx, lines)
}

func orNone(ctx context.Context, lines []string) []string {
	if len(lines) == 0 {
		return []string{views.Say(ctx, "None")}
	}
	return lines
}

// languageWords returns a language by its own name.
func (h *Admin) languageWords(tag language.Tag) string {
	if l, there := h.app.Words.Language(tag.String()); there {
		return l.Name
	}
	return h.app.Words.Languages()[0].Name
}

func isolated(text string) string { return "\u2068" + text + "\u2069" }

func yes(ctx context.Context, is bool) string {
	if is {
		return views.Say(ctx, "Yes")
	}
	return views.Say(ctx, "No")
}

func names(ctx context.Context, list []string) string {
	return cmp.Or(strings.Join(list, ", "), views.Say(ctx, "None"))
}

func number(ctx context.Context, n int) string {
	if n < 0 {
		return views.Say(ctx, "Any number")
	}
	return strconv.Itoa(n)
}

// span tells a length of time in the largest units that tell it whole.
func span(ctx context.Context, length time.Duration) string {
	switch {
	case length%hoursOfADay == 0:
		return views.Say(ctx, "%d days", int(length/hoursOfADay))
	case length%time.Hour == 0:
		return views.Say(ctx, "%d hours", int(length/time.Hour))
	case length%time.Minute == 0:
		return views.Say(ctx, "%d minutes", int(length/time.Minute))
	case length%time.Second == 0:
		return views.Say(ctx, "%d seconds", int(length/time.Second))
	}
	return length.String()
}

func prefixSearch(ctx context.Context, without bool) string {
	if without {
		return views.Say(ctx, "No")
	}
	return views.Say(ctx, "Yes")
}
