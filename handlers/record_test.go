package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"
)

// planted is a server with accounts of somebody whose name, birth date, contact and identifiers stand on no page by
// chance: with requests in every state, a question for a second person, a locked account and an alert.
type planted struct {
	*handlerstest.Server
	ids []string // of all that an address may name
}

// plantedSecrets are what no page shows of them.
var plantedSecrets = map[string][]string{
	"name": {"Zenobia", "Quillfeather"}, "birth date": {"1907"}, "contact": {"owl.post"}, "identifier": {"ZQ-77"},
}

// shownUnopened are the pages that show something of a record which is not open to the session, and why.
var shownUnopened = map[string]struct{ what, why string }{
	views.SecondApprovalListPath: {"name", "who waits at a counter for a second person is named to who must find them, while the visit " +
		"lasts: 15 minutes after its last step, an hour at most (docs/decisions/0019-second-person.md)"},
}

func plant(t *testing.T) planted {
	t.Helper()
	p := planted{Server: handlerstest.Start(t, handlerstest.Config{})}
	operator := p.Operator("Olga Operator")
	plain, asked, locked := p.plantAccount(t, "ZQ-7701", false), p.plantAccount(t, "ZQ-7702", true), p.plantAccount(t, "ZQ-7703", false)
	codes := func(hint string) (string, string) {
		codes := p.Phone().Ask(map[string]string{"login_hint": hint})
		return codes.UserCode, codes.DeviceCode
	}
	code, _ := codes("ZQ-7701")
	approval := p.ApproveFor(t, operator, plain, code)
	code, _ = codes("ZQ-7701")
	declined := p.MatchFor(t, operator, plain, code).ID
	if err := p.Store.Decline(t.Context(), operator.SessionID, declined, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	codes("ZQ-7701")
	code, _ = codes("ZQ-7701")
	p.MatchFor(t, operator, plain, code)
	code, _ = codes("ZQ-7702")
	p.ask(t, operator, p.MatchFor(t, operator, asked, code).ID)
	for range 6 {
		p.BrowserOf(t, operator).Post(views.MatchPath(locked), url.Values{"user_code": {"BBBBBBBB"}})
	}
	p.ids = append(p.ids, plain, asked, locked, approval.Binding.ID, p.Counter.ID, operator.StaffID)
	for _, account := range []string{plain, asked, locked} {
		view, err := p.Store.Account(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range view.Requests {
			p.ids = append(p.ids, request.ID)
		}
	}
	p.addAlerts(t)
	return p
}

func (p *planted) plantAccount(t *testing.T, identifier string, twoPerson bool) string {
	t.Helper()
	_, err := p.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{Line: 2, Identifiers: []string{identifier},
		FullName: "Zenobia Quillfeather", DateOfBirth: "1907-03-09", Contact: identifier + "@owl.post.example", Status: models.AccountActive,
		TwoPersonRequired: &twoPerson}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Store.Search(t.Context(), p.Operator("Seed").SessionID, identifier)
	if err != nil || len(found.Accounts) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	return found.Accounts[0].ID
}

func (p *planted) ask(t *testing.T, operator handlerstest.Staff, visit string) {
	t.Helper()
	if err := p.Store.Proof(t.Context(), operator.SessionID, visit, handlerstest.Proof()); err != nil {
		t.Fatal(err)
	}
	if err := p.Store.AskSecondApproval(t.Context(), operator.SessionID, visit); err != nil {
		t.Fatal(err)
	}
	session, err := p.Store.Session(t.Context(), operator.Cookie)
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := p.Store.WaitingSecondApprovals(t.Context(), session)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d wait, %v", len(waiting), err)
	}
	p.ids = append(p.ids, waiting[0].ID)
}

func (p *planted) addAlerts(t *testing.T) {
	t.Helper()
	alerts, err := p.Store.Alerts(t.Context())
	if err != nil || alerts.Count == 0 {
		t.Fatalf("%d alerts, %v", alerts.Count, err)
	}
	for _, alert := range alerts.Newest {
		p.ids = append(p.ids, alert.ID)
	}
}

// leaks are the kinds of secrets in a text, sorted.
func leaks(text string) (kinds []string) {
	for kind, secrets := range plantedSecrets {
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// docs/protocol.md §6 record-harvest: no page, and no part of one, shows anything of a record by its address alone, in
// whatever role; the few that do are listed with a reason. Everybody who tries has signed in anew and opened nothing.
func TestNoPageShowsARecordThatIsNotOpen(t *testing.T) {
	p := plant(t)
	roles := []models.Role{models.Operator, models.Supervisor, models.Administrator}
	all := p.SignIn(models.Identity{Subject: "All", Name: "All", Roles: roles})
	p.openCounter(t, all)
	shown := map[string]bool{}
	for role, who := range map[string]handlerstest.Staff{
		"operator": p.Operator("Otto Other"), "supervisor": p.Supervisor("Sara Supervisor"), "administrator": p.Administrator("Ada"), "all": all,
	} {
		for _, route := range p.Routes {
			if route.Method != http.MethodGet {
				continue
			}
			for _, path := range p.pathsOf(route) {
				for _, kind := range p.shownAt(t, path, who) {
					shown[route.Path] = true
					if shownUnopened[route.Path].what != kind {
						t.Errorf("%s reads the %s at %s", role, kind, path)
					}
				}
			}
		}
	}
	for path := range shownUnopened {
		if !shown[path] {
			t.Errorf("%s shows nothing: take it off the list", path)
		}
	}
}

// shownAt asks for a page as a browser does, as htmx does, and by HEAD.
func (p *planted) shownAt(t *testing.T, path string, who handlerstest.Staff) []string {
	t.Helper()
	var text strings.Builder
	for _, header := range []string{"Accept", "HX-Request"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			request := atWork{Server: p.Server}.request(method, path, &who)
			request.Header.Set(header, "true")
			page := p.Browser(t).Send(request)
			text.WriteString(page.Source + page.Location + page.Header.Get("Set-Cookie"))
		}
	}
	return leaks(text.String())
}

// pathsOf are the addresses of a route, with every identifier that there is.
func (p *planted) pathsOf(route web.Route) []string {
	if !strings.Contains(route.Path, ":id") {
		return []string{strings.Replace(route.Path, "*", "app.css", 1)}
	}
	var paths []string
	for _, id := range p.ids {
		paths = append(paths, strings.Replace(route.Path, ":id", id, 1))
	}
	return paths
}

func (p *planted) openCounter(t *testing.T, who handlerstest.Staff) {
	t.Helper()
	answer := p.BrowserOf(t, who).Post(views.PathOpenCounter, url.Values{"counter": {p.Counter.ID}})
	answer.Wants(http.StatusOK, "Find the customer")
}
