package review_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	auditexport "countersign/audit/export"
	"countersign/handlers/gate"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/views"
)

// export posts a form of the trail's page, whose filter is in the address.
func export(b *handlerstest.Browser, query, format string) *handlerstest.Page {
	address := views.PathReviewExport
	if query != "" {
		address += "?" + query
	}
	return b.Post(address, url.Values{"format": {format}})
}

// A supervisor takes along what the page lists: the filter of its address, in a form by its buttons, without scripts. It is an
// event with their name.
func TestSupervisorExports(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		s.Approve(t, s.Phone().Ask(nil).UserCode)
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		page := b.Get(views.PathReviewEvents + "?type=device-binding-approved&before=99999").Says("All events that these filters let in")
		page.Form(views.PathReviewExport + "?type=device-binding-approved")
		since := s.LastEvent()
		file := export(b, "type=device-binding-approved", "json-lines")
		disposition := file.Header.Get("Content-Disposition")
		if file.Status != http.StatusOK || !strings.HasPrefix(disposition, `attachment; filename="trail-`) {
			t.Errorf("status %d, %s", file.Status, disposition)
		}
		lines := strings.Split(strings.TrimSpace(file.Source), "\n")
		var entry struct {
			Seq    int64
			SET    string
			Claims map[string]any
		}
		if len(lines) != 3 || json.Unmarshal([]byte(lines[1]), &entry) != nil || entry.Claims["iss"] != s.Issuer {
			t.Fatalf("lines %v", lines)
		}
		if !strings.Contains(lines[0], `"filter":["type=device-binding-approved"]`) || !strings.HasPrefix(lines[2], `{"end":{"entries":1,`) {
			t.Errorf("begins with %s, ends with %s", lines[0], lines[2])
		}
		if got := s.Events(since); !slices.Equal(got, []audit.Type{audit.TrailExportEnded, audit.TrailExported}) &&
			!slices.Equal(got, []audit.Type{audit.TrailExported, audit.TrailExportEnded}) {
			t.Errorf("events %v", got)
		}
		b.Get(views.PathReviewEvents).Says("Trail exported", "as JSON lines", "1 entry, all of it", "Sara Supervisor")
	})
}

// What lies beside the log goes along with its salt, so that its hash can be made again (docs/events.md#details-beside-the-log).
func TestExportedDetails(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	file := export(b, "type=device-authorization-requested", "json-lines").Source
	lines := strings.Split(file, "\n")
	var entry struct {
		Seq    int64
		Claims struct {
			Events map[string]struct{ Details map[string]string }
		}
		Details []struct{ Field, Before, After, Salt string }
	}
	if err := json.Unmarshal([]byte(lines[1]), &entry); err != nil || len(entry.Details) != 1 {
		t.Fatalf("%d details, %v, line %s", len(entry.Details), err, lines[1])
	}
	d := entry.Details[0]
	row := audit.DetailRow{Seq: entry.Seq, Field: d.Field, Before: d.Before, After: d.After, Salt: d.Salt}
	for _, event := range entry.Claims.Events {
		if d.Field != audit.DetailAddress || d.After == "" || event.Details[d.Field] != row.Hash() {
			t.Errorf("the event says %v, the line %+v", event.Details, d)
		}
	}
	said := `"after":"` + d.After + `"`
	for text, wrong := range map[string]string{
		said: "", `"after":"198.51.100.9"`: "a detail beside the SET", `"before":"192.0.2.1",` + said: "a detail beside the SET",
		said + `,"after":"198.51.100.9"`: "not a line of an export",
	} {
		report, err := auditexport.Verify(t.Context(), strings.NewReader(strings.Replace(file, said, text, 1)), auditexport.Options{})
		if err != nil || report.OK() != (wrong == "") || wrong != "" && !strings.Contains(report.First.Reason, wrong) {
			t.Errorf("%s: %+v %v, %v", text, report, report.First, err)
		}
	}
}

// A table is for a spreadsheet: words in the reader's language, times with their offset, and no cell that it would calculate (OWASP
// ASVS 5.0, 1.2.10). It has no name of an account, whose record nobody has opened.
func TestExportedTable(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	s.BrowserOf(t, s.Supervisor(`=HYPERLINK("https://evil.example")`))
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	file := export(b, "", "csv")
	text, marked := strings.CutPrefix(file.Source, "\ufeff")
	if got := file.Header.Get("Content-Type"); !marked || got != "text/csv; charset=utf-8" {
		t.Errorf("%s, marked: %t", got, marked)
	}
	table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if table[0][0] != "Number" || table[1][0] != "1" || !strings.HasSuffix(table[1][1], "+02:00") {
		t.Errorf("begins with %q", table[:2])
	}
	if last := table[len(table)-1]; last[2] != "End of the export" || last[0] != "" {
		t.Errorf("ends with %q", last)
	}
	names := map[string]bool{}
	for _, row := range table {
		names[row[3]] = true
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	if !names[`'=HYPERLINK("https://evil.example")`] || !names["Olga Operator"] || strings.Contains(text, "Anna") {
		t.Errorf("by %v; or an account's name", names)
	}
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathReviewEvents}})
	german := export(b, "", "csv").Source
	if !strings.HasPrefix(german, "\ufeffNummer;Zeit;Ereignis;") || !strings.Contains(german, ";Gerät freigegeben;") {
		t.Errorf("in German: %.200s", german)
	}
}

// Whoever may not read the trail exports none of it, and what nothing here has is no filter: neither leaves an event.
func TestExportIsRefused(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	operator, administrator := s.BrowserOf(t, s.Operator("Olga Operator")), s.BrowserOf(t, s.Administrator("Adam Administrator"))
	since := s.LastEvent()
	for _, b := range []*handlerstest.Browser{operator, administrator} {
		export(b, "", "csv").Wants(http.StatusForbidden, "Your role does not allow this")
	}
	export(supervisor, "staff=annaexample", "csv").Wants(http.StatusOK, "Audit trail").
		Says("One of these filters names nothing that is known here. Nothing was exported.")
	if got := s.Events(since); len(got) > 0 {
		t.Errorf("events %v", got)
	}
	log := s.Log()
	if strings.Count(log, "an export of the trail was refused") != 1 || !strings.Contains(log, "nothing is known by this staff") {
		t.Error("the log does not say once why nothing was exported")
	}
}

// begun is an export that is being read: more than the connection holds at once.
func begun(t *testing.T, s *handlerstest.Server) (b *handlerstest.Browser, body io.ReadCloser) {
	t.Helper()
	events := everyEvent(s)
	for range 4 {
		events = append(events, events...)
	}
	appendEvents(t, s, events)
	supervisor := s.Supervisor("Sara Supervisor")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint(views.PathReviewExport), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "countersign", Value: supervisor.Cookie})
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	first, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(first, `{"export":`) {
		t.Fatalf("begins with %q, %v", first, err)
	}
	return s.BrowserOf(t, supervisor), answer.Body
}

// A second export is told to wait, and the trail's page goes on meanwhile. A server that ends breaks an export off, and so does
// its reader: the connection says so, and the trail.
func TestExportIsBrokenOff(t *testing.T) {
	for name, end := range map[string]func(*handlerstest.Server, io.ReadCloser){
		"the server ends": func(s *handlerstest.Server, body io.ReadCloser) {
			close(s.Ending)
			if _, err := io.Copy(io.Discard, body); err == nil {
				t.Error("the file ends as if it were whole")
			}
		},
		"the reader goes": func(_ *handlerstest.Server, body io.ReadCloser) { _ = body.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			b, body := begun(t, s)
			export(b, "", "csv").Wants(http.StatusOK, "Audit trail").Says("Another export is under way.")
			end(s, body)
			isTold := func() bool {
				return strings.Contains(b.Get(views.PathReviewEvents).Text(), "broken off") &&
					strings.Contains(s.Log(), "an export of the trail was broken off")
			}
			for began := time.Now(); !isTold(); {
				if time.Since(began) > time.Minute {
					t.Fatal("trail or log do not say that the export was broken off")
				}
			}
		})
	}
}

// An export that goes on keeps no place at work: another of the staff is served meanwhile.
func TestExportTakesNoPlace(t *testing.T) {
	gates := web.GatesOf(map[web.Class]gate.Size{web.Staff: {AtWork: 1, Waiting: 1, Patience: 20 * time.Second}})
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Gates = gates }})
	b, body := begun(t, s)
	b.Get(views.PathReviewEvents).Wants(http.StatusOK, "Audit trail")
	if err := body.Close(); err != nil {
		t.Error(err)
	}
}

// The time limits of the server are for answers that end soon: a slow reader gets the whole file.
func TestExportOutlivesTheServersTimeLimits(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{ReadTimeout: time.Second, WriteTimeout: 2 * time.Second})
	_, body := begun(t, s)
	<-time.After(3 * time.Second)
	rest, err := io.ReadAll(body)
	if err != nil || !strings.Contains(string(rest[max(0, len(rest)-200):]), `{"end":{"entries":`) {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
}
