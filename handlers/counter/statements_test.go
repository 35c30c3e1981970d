package counter_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// statementsOfAVisit is how many statements each step of a visit may need at most, its form and the page that it leads to
// together, and the redemption after it. Each costs the server about as much as a page's words: a step that needs one more
// says here why it is worth it, by the number.
var statementsOfAVisit = []struct {
	step string
	most int64
}{{"search", 21}, {"match", 23}, {"proof", 29}, {"approve", 48}, {"redeem", 19}}

// asked counts what each step of a visit of a phone asks the database: its form with the page after it.
func asked(t *testing.T, s *handlerstest.Server, b *handlerstest.Browser, counted *atomic.Int64) map[string]int64 {
	t.Helper()
	phone := s.Phone()
	codes := phone.Ask(nil)
	needed := map[string]int64{}
	count := func(step string, do func()) {
		before := counted.Load()
		do()
		needed[step] = counted.Load() - before
	}
	page := b.Get(views.PathCounter)
	var visit string
	count("search", func() {
		page = page.Form(views.PathSearch).Set("identifier", "K-1001").Submit().Wants(http.StatusOK, "Anna Example")
	})
	count("match", func() { page = page.Form(views.MatchPath(s.Account.ID)).Set("user_code", codes.UserCode).Submit() })
	visit = strings.Split(page.URL.Path, "/")[3]
	count("proof", func() { page = prove(page, visit) })
	count("approve", func() { page.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved") })
	count("redeem", func() { phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK) })
	return needed
}

// A visit asks the database no more than it needs, and as often when many have been there before, and many wait.
func TestVisitAsksAsOftenAmongMany(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	var counted atomic.Int64
	s.Store.Watch(func(string, []any) { counted.Add(1) })
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	asked(t, s, b, &counted)
	few := asked(t, s, b, &counted)
	other := s.Operator("Otto Other")
	for range 3 {
		s.ApproveFor(t, other, s.Account.ID, s.Phone().Ask(nil).UserCode)
		s.Phone().Ask(nil)
		s.Match(t, other, s.Phone().Ask(nil).UserCode)
	}
	many := asked(t, s, b, &counted)
	for _, step := range statementsOfAVisit {
		if few[step.step] > step.most || few[step.step] == 0 {
			t.Errorf("%s asks %d times, want %d at most", step.step, few[step.step], step.most)
		}
		if many[step.step] > few[step.step] {
			t.Errorf("%s asks %d times among many, and %d among few", step.step, many[step.step], few[step.step])
		}
	}
}
