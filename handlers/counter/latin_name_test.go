package counter_test

import (
	"net/http"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// A record in another script with its name in Latin letters: the passport matches that, and
// no second person is needed. The operator sees both names.
func TestNameInLatinLetters(t *testing.T) {
	for name, latin := range map[string]string{"رنا الخطيب": "Rana Alkhatib", "山本 健一": "Kenichi Yamamoto",
		"สุดา กิตติศักดิ์": "Suda Kittisak"} {
		zone := map[string]string{"Rana Alkhatib": "ALKHATIB<<RANA", "Kenichi Yamamoto": "YAMAMOTO<<KENICHI",
			"Suda Kittisak": "KITTISAK<<SUDA"}[latin]
		s := handlerstest.Start(t, handlerstest.Config{})
		b := s.BrowserOf(t, s.Operator("Olga Operator"))
		put := func(latinName *string) {
			_, err := s.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{
				Line: 2, Identifiers: []string{"anna@example.org", "K-1001"}, FullName: name, LatinName: latinName, DateOfBirth: "1984-02-29",
				Status: models.AccountActive,
			}}, audit.Actor{System: "command"})
			if err != nil {
				t.Fatal(err)
			}
		}
		put(nil)
		page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
		differs := scanInto(page, visit, handlerstest.Passport(zone, "840229", "310531"))
		if got := differs.Form(views.ProofPath(visit)).Value("name_matches"); got != models.Differs {
			t.Errorf("%s: without a name in Latin letters it %s", latin, got)
		}
		b.Post(views.ReleasePath(visit), nil)

		put(&latin)
		_, visit = match(b, s, s.Phone().Ask(nil).UserCode)
		page = b.Get(views.ProofPath(visit)).Says("Record: " + name + "; in Latin letters: " + latin)
		// A new request of the same account: what the first scan found is on the first one's record.
		confirm(scanInto(page, visit, handlerstest.Passport(zone, "840229", "310531")), visit).Submit().
			Wants(http.StatusOK, "Check everything").Says(name, latin).SaysNot("A second person must look")
		if got := proofingOf(t, s, visit); got.NameResult != models.Matches {
			t.Errorf("%s: recorded %+v", latin, got)
		}
	}
}
