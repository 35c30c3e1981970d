package counter_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/go-jose/go-jose/v4"
)

// marked is a visit with three things to look at: another request waits, one was declined, and
// the phone asked for another account too.
func marked(t *testing.T) (*handlerstest.Server, *handlerstest.Browser, string) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{})
	s.AddAccount("Arno Example", "arno@example.org")
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Decline(t, s.Phone().Ask(nil).UserCode)
	s.Phone().Ask(nil)
	phone.Ask(map[string]string{"login_hint": "arno@example.org"})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	prove(proof, visit).Says("4 things to look at") // with the code alone, while another request waits
	return s, b, visit
}

// Many cautions want a tick on each before the approval, whatever the form says; what was ticked
// is ticked again, and none of it is needed to decline.
func TestManyCautionsWantATickOnEach(t *testing.T) {
	all := []string{"presence", "pending", "declined", "device"}
	for _, ticked := range [][]string{nil, {"presence"}, {"presence", "pending", "declined"}, {"presence", "pending", "declined", "nothing"}} {
		t.Run(strings.Join(ticked, " "), func(t *testing.T) {
			s, b, visit := marked(t)
			form := b.Get(views.DecidePath(visit)).Form(views.ApprovePath(visit))
			shown := form.Value(views.FieldShown)
			since := s.LastEvent()
			page := b.Post(views.ApprovePath(visit), url.Values{views.FieldShown: {shown}, views.FieldLooked: ticked}).
				Wants(http.StatusOK, "Check everything").Says("Look at each of these, and tick it.")
			wantEvents(t, s, since)
			for _, kind := range all {
				if is := strings.Contains(page.Source, `value="`+kind+`" checked`); is != slices.Contains(ticked, kind) {
					t.Errorf("after %q was ticked, %s is ticked: %v", ticked, kind, is)
				}
			}
			b.Post(views.ApprovePath(visit), url.Values{views.FieldShown: {shown}, views.FieldLooked: all}).Wants(http.StatusOK, "Device approved")
			wantEvents(t, s, since, audit.DeviceBindingApproved)
		})
	}
	s, b, visit := marked(t)
	b.Get(views.DecidePath(visit)).Form(views.DeclinePath(visit)).Set("reason", "suspicious").Submit().Wants(http.StatusOK, "Request declined")
	if request, err := s.Store.Request(t.Context(), visit); err != nil || !request.Phase.Is(models.Declined) {
		t.Errorf("the request is %s, %v", request.Phase, err)
	}
}

// What every visit shows is no warning: where no registered publisher can sign, no app is marked.
// Where one can, an app that names no publisher is marked like one that names one and did not sign.
func TestUnsignedAppsAreMarkedAlike(t *testing.T) {
	for name, test := range map[string]struct{ signing, claims, marked bool }{
		"nobody signs, names nobody":      {},
		"nobody signs, names a publisher": {claims: true},
		"one signs, names nobody":         {signing: true, marked: true},
		"one signs, names a publisher":    {signing: true, claims: true, marked: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			admin := s.Administrator("Ada Administrator")
			if test.signing {
				key := jose.JSONWebKey{Key: handlerstest.NewKey().Public(), KeyID: "one", Algorithm: "ES256", Use: "sig"}
				if _, err := s.Store.SetPublisherKeys(t.Context(), models.NewPublisher{SessionID: admin.SessionID, Name: "Bank of Example",
					Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}}); err != nil {
					t.Fatal(err)
				}
			}
			if test.claims {
				if _, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{SessionID: admin.SessionID, Publisher: "City of Example",
					SoftwareID: "example.pocketbank", Name: "Pocket Bank", Scope: oauth.Scope{"profile", "accounts:read"}}); err != nil {
					t.Fatal(err)
				}
			}
			b := s.BrowserOf(t, s.Operator("Olga Operator"))
			proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
			page := prove(proof, visit)
			if !test.marked {
				page.Says("Nothing stands out").SaysNot("look again")
				return
			}
			page.Says("1 thing to look at", "look again App")
		})
	}
}
