package counter_test

import (
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// workOfAVisit is what each step of a visit may need at most, its form and the page that it leads to together, and the redemption
// after it: statements, and objects that the server allocates. Each statement costs the server about as much as a page's words: a
// step that needs one more says here why it is worth it, by the number.
var workOfAVisit = []struct {
	step        string
	statements  int64
	allocations int64 // nothing else on the machine changes them
}{{"search", 18, 1700}, {"match", 20, 2050}, {"proof", 25, 2400}, {"approve", 38, 2400}, {"redeem", 9, 700}}

// work is what was needed.
type work struct{ statements, allocations int64 }

// meter counts a server's work.
type meter struct{ statements, allocations atomic.Int64 }

func (m *meter) read() work { return work{m.statements.Load(), m.allocations.Load()} }

// metered is a server whose work is counted.
func metered(t *testing.T) (*handlerstest.Server, *meter) {
	t.Helper()
	var m meter
	s := handlerstest.Start(t, handlerstest.Config{Around: func(program http.Handler) http.Handler {
		return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			before := mallocs()
			program.ServeHTTP(answer, request)
			m.allocations.Add(mallocs() - before)
		})
	}})
	s.Store.Watch(func(string, []any) { m.statements.Add(1) })
	return s, &m
}

func mallocs() int64 {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return int64(now.Mallocs) //nolint:gosec // far from the end of either
}

// needs returns what each step of a visit of a phone needs: its form with the page after it.
func needs(t *testing.T, s *handlerstest.Server, b *handlerstest.Browser, m *meter) map[string]work {
	t.Helper()
	phone := s.Phone()
	codes := phone.Ask(nil)
	needed := map[string]work{}
	count := func(step string, do func()) {
		before := m.read()
		do()
		after := m.read()
		needed[step] = work{after.statements - before.statements, after.allocations - before.allocations}
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

// A visit needs no more than it must: work, which nothing else on the machine changes. Time is measured by make bench.
func TestWorkOfAVisit(t *testing.T) {
	s, m := metered(t)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	needs(t, s, b, m) // fill what the program keeps
	first, second := needs(t, s, b, m), needs(t, s, b, m)
	for _, step := range workOfAVisit {
		statements := first[step.step].statements
		if statements > step.statements || statements == 0 {
			t.Errorf("%s asks %d times, want %d at most", step.step, statements, step.statements)
		}
		allocations := min(first[step.step].allocations, second[step.step].allocations) // others allocate now and then
		t.Logf("%s allocates %d objects and asks %d times", step.step, allocations, statements)
		if allocations > step.allocations && !raceDetector {
			t.Errorf("%s allocates %d objects, want %d at most", step.step, allocations, step.allocations)
		}
	}
}

// A visit asks the database as often when many have been there before, and many wait.
func TestVisitAsksAsOftenAmongMany(t *testing.T) {
	s, m := metered(t)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	needs(t, s, b, m)
	few := needs(t, s, b, m)
	other := s.Operator("Otto Other")
	for range 3 {
		s.ApproveFor(t, other, s.Account.ID, s.Phone().Ask(nil).UserCode)
		s.Phone().Ask(nil)
		s.Match(t, other, s.Phone().Ask(nil).UserCode)
	}
	many := needs(t, s, b, m)
	for step, few := range few {
		if many := many[step].statements; many > few.statements || few.statements == 0 {
			t.Errorf("%s asks %d times among many, and %d among few", step, many, few.statements)
		}
	}
}
