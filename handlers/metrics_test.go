package handlers_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/metrics"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/modelstest"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// measured is a server with metrics.
func measured(t *testing.T, config handlerstest.Config) (*handlerstest.Server, *metrics.Metrics) {
	t.Helper()
	told, more := metrics.New("v1.2.3"), config.More
	config.More = func(c *web.Config) {
		c.Metrics = told
		if more != nil {
			more(c)
		}
	}
	return handlerstest.Start(t, config), told
}

// scrapeAll returns the metrics as a monitoring system reads them.
func scrapeAll(t *testing.T, told *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	told.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, metrics.Path, nil))
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("%d, %s", answer.Code, answer.Header().Get("Content-Type"))
	}
	return answer.Body.String()
}

// scrape returns those of the metrics that are ours, as a monitoring system reads them.
func scrape(t *testing.T, told *metrics.Metrics) string {
	t.Helper()
	text := scrapeAll(t, told)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the metrics are not as Prometheus has them: %v, %v", problems, err)
	}
	var ours strings.Builder
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "countersign_") {
			ours.WriteString(lines.Text() + "\n")
		}
	}
	return ours.String()
}

// wantsLines demands that each line is there as it stands.
func wantsLines(t *testing.T, scraped string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+scraped, "\n"+line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, scraped)
		}
	}
}

// docs/decisions/0066-metrics.md: Prometheus' own tool finds nothing to say about the metrics, Go's and the process's among them.
func TestPromtoolReadsTheMetrics(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatal("TEST_REQUIRE=all, and promtool is not installed: .ci/prepare installs it")
	}
	if err != nil {
		t.Skip("promtool (Debian's package prometheus) is not installed")
	}
	s, told := measured(t, handlerstest.Config{})
	s.Phone().Ask(nil)
	check := exec.CommandContext(t.Context(), tool, "check", "metrics")
	check.Stdin = strings.NewReader(scrapeAll(t, told))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// docs/decisions/0066-metrics.md: requests are counted by the pattern of their route, and whatever has no route is one.
func TestRequestsAreCountedByRoute(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	phone := s.Phone()
	asked := phone.Ask(nil)
	phone.Poll(asked.DeviceCode)
	for _, path := range []string{"/healthz", "/healthz", "/wp-admin/a", "/wp-admin/b?c=d", "/admin/accounts/" + s.Account.ID} {
		s.Get(path)
	}
	wantsLines(t, scrape(t, told),
		`countersign_http_requests_total{method="GET",route="/healthz",status="2xx"} 2`,
		`countersign_http_requests_total{method="GET",route="(none)",status="4xx"} 2`,
		`countersign_http_requests_total{method="POST",route="/device_authorization",status="2xx"} 1`,
		`countersign_http_request_duration_seconds_bucket{method="GET",route="/healthz",le="+Inf"} 2`,
		`countersign_http_request_duration_seconds_count{method="GET",route="/healthz"} 2`,
		`countersign_build_info{go_version="`+runtime.Version()+`",version="v1.2.3"} 1`,
	)
}

// Names are letters, digits and underscores, and nothing that is told is about anybody.
func TestMetricsTellOfNobody(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	phone, staff := s.Phone(), s.Operator("Olga Operator")
	asked := phone.Ask(nil)
	visitAtTheConsole(t, s, asked.UserCode)
	phone.Poll(asked.DeviceCode).Succeeded(t, http.StatusOK)
	s.Get("/anna@example.org")
	scraped := scrape(t, told)
	for _, secret := range []string{
		s.Account.ID, "anna", phone.ClientID, staff.StaffID, asked.UserCode, asked.DeviceCode, "127.0.0.1", "Olga",
	} {
		if strings.Contains(scraped, secret) {
			t.Errorf("%q is told:\n%s", secret, scraped)
		}
	}
	name := regexp.MustCompile(`^countersign_[a-z0-9_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+$`)
	for line := range strings.Lines(scraped) {
		if !name.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("a name that not every reader of metrics knows: %s", line)
		}
	}
}

// What was refused is counted by its cause: a limit, too much to do, an outage of the database.
func TestRefusalsAreCounted(t *testing.T) {
	gates, free := handlerstest.Full(web.Polls)
	defer free()
	s, told := measured(t, handlerstest.Config{LockWait: 50 * time.Millisecond, More: func(c *web.Config) {
		c.Gates, c.Limits = gates, "strict"
	}})
	phone := s.Phone()
	toldLater(t, "a poll", phone.Poll(phone.Ask(nil).DeviceCode))
	release := modelstest.Hold(t, s.Address)
	phone.AskRaw(handlerstest.Request{})
	release()
	for status := 0; status != http.StatusTooManyRequests; {
		status = s.Register(handlerstest.Metadata(handlerstest.NewKey())).Status
	}
	wantsLines(t, scrape(t, told),
		`countersign_http_overloaded_total{class="polls"} 1`,
		`countersign_http_outage_answers_total{outage="the database is busy"} 1`,
		`countersign_http_limited_total{limit="registrations from this network"} 1`,
		`countersign_http_requests_total{method="POST",route="/token",status="5xx"} 1`,
	)
}

// Nothing but a GET of the one page is answered.
func TestMetricsHaveOnePage(t *testing.T) {
	told := metrics.New("")
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, metrics.Path, http.StatusOK}, {http.MethodHead, metrics.Path, http.StatusOK},
		{http.MethodPost, metrics.Path, http.StatusMethodNotAllowed}, {http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/debug/pprof/", http.StatusNotFound},
	} {
		answer := httptest.NewRecorder()
		told.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil))
		if answer.Code != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, answer.Code)
		}
	}
}

// What all processes share is read from the database when somebody scrapes, and told again for half a minute: it is asked
// twice a minute at most, however many scrape.
func TestMetricsOfWhatIsShared(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	told.Database(s.Store, slog.New(slog.DiscardHandler))
	asked := 0
	s.Phone().Ask(nil)
	s.Store.Watch(func(string, []any) { asked++ })
	wantsLines(t, scrape(t, told), "countersign_ready 1", "countersign_database_readable 1", "countersign_processes 1",
		`countersign_requests_waiting{age_days="0"} 1`, `countersign_requests_waiting{age_days="6"} 0`,
		`countersign_windows_missed_last_day{window="pending"} 0`, "countersign_notices_given_up_last_day 0",
		"countersign_log_checkpoint_entries 0", "countersign_log_unpublished_age_seconds 0")
	once := asked
	s.Clock.Advance(29 * time.Second)
	if scrape(t, told); asked != once || once == 0 || once > 25 {
		t.Errorf("the database was asked %d times, then %d times", once, asked-once)
	}
	s.Clock.Advance(24 * time.Hour)
	wantsLines(t, scrape(t, told), `countersign_requests_waiting{age_days="1"} 1`, "countersign_ready 0")
	if asked != 2*once {
		t.Errorf("a day later the database was asked %d times, not %d", asked-once, once)
	}
	verified := models.TrailVerification{EndedAt: models.At(s.Clock.Now()), Entries: 7, Verdict: models.VerdictNotSound}
	if err := s.Store.RecordVerification(t.Context(), verified); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	wantsLines(t, scrape(t, told), `countersign_verification_verdict{verdict="not sound"} 1`,
		`countersign_verification_verdict{verdict="sound"} 0`, "countersign_verification_entries 7")
}

// While the database cannot be read, that is told, and no number from before.
func TestMetricsOfALostDatabase(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	told.Database(s.Store, slog.New(slog.DiscardHandler))
	scrape(t, told)
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	scraped := scrape(t, told)
	wantsLines(t, scraped, "countersign_database_readable 0")
	if strings.Contains(scraped, "requests_waiting") {
		t.Errorf("numbers from before:\n%s", scraped)
	}
}

// An outage is the store's to log, for all that meet it: a scrape adds no line of its own.
func TestScrapesInAnOutageAddNoLine(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	var log bytes.Buffer
	told.Database(s.Store, slog.New(slog.NewTextHandler(&log, nil)))
	file, err := os.OpenFile(strings.TrimPrefix(s.Address, "sqlite:"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	const page = 2048
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xff}, int(size)-page), page); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.Clock.Advance(time.Minute)
		wantsLines(t, scrape(t, told), "countersign_database_readable 0")
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", log.String())
	}
}

// How long writes wait and how many share a commit is counted where they are written.
func TestMetricsOfWrites(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	told.Database(s.Store, slog.New(slog.DiscardHandler))
	phone := s.Phone()
	for range 3 {
		phone.Ask(nil)
	}
	told.Swept(handlerstest.Begin(), handlerstest.Begin().Add(1500*time.Millisecond), nil)
	told.Swept(handlerstest.Begin(), handlerstest.Begin(), models.ErrNotFound)
	scraped := scrape(t, told)
	wantsLines(t, scraped, "countersign_sweep_duration_seconds 1.5", "countersign_sweep_failures_total 1",
		`countersign_database_connections{pool="write",state="in use"} 0`)
	for _, least := range []string{"countersign_write_wait_seconds_count", "countersign_write_group_size_sum"} {
		_, number, _ := strings.Cut(scraped, "\n"+least+" ")
		number, _, _ = strings.Cut(number, "\n")
		if n, err := strconv.Atoi(number); err != nil || n < 3 {
			t.Errorf("%s is %q", least, number)
		}
	}
}
