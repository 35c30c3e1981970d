package metrics

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	boardFile  = "../../docs/monitoring/grafana.json"
	alertsFile = "../../docs/monitoring/alerts.yml"
)

// board is what matters of Grafana's JSON.
type board struct {
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []panel
}

type panel struct {
	ID          int
	Type, Title string
	Datasource  *datasource
	Targets     []struct {
		Expr       string
		Datasource *datasource
	}
}

type datasource struct{ Type, UID string }

// The board shows what there is, from whatever data source its reader has.
func TestBoardShowsWhatThereIs(t *testing.T) {
	text := read(t, boardFile)
	var b board
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	ids, shown := map[int]bool{}, 0
	for _, p := range b.Panels {
		if ids[p.ID] || p.Title == "" {
			t.Errorf("panel %d, %q: its number is there twice, or it has no title", p.ID, p.Title)
		}
		ids[p.ID] = true
		if p.Type == "row" {
			continue
		}
		if p.Datasource == nil || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("%s: from %+v, %d targets", p.Title, p.Datasource, len(p.Targets))
		}
		for _, target := range p.Targets {
			shown++
			if target.Datasource.UID != "${datasource}" || !strings.Contains(target.Expr, `job="$job"`) {
				t.Errorf("%s: %s", p.Title, target.Expr)
			}
			asksWhatIsThere(t, p.Title, target.Expr)
		}
	}
	if shown < 20 || len(b.Templating.List) != 2 || b.Templating.List[0].Type != "datasource" {
		t.Errorf("%d expressions, variables %+v", shown, b.Templating.List)
	}
}

// Each alert asks for what is there, says how bad it is and what happened, and docs/operations.md says what to do.
func TestAlertsAreExplained(t *testing.T) {
	page, names := read(t, "../../docs/operations.md"), []string{}
	for _, rule := range strings.Split(read(t, alertsFile), "\n      - alert: ")[1:] {
		name, rest, _ := strings.Cut(rule, "\n")
		names = append(names, name)
		for _, part := range []string{"\n        expr: ", "\n        labels: {severity: ", "\n          summary: \""} {
			if strings.Count("\n"+rest, part) != 1 {
				t.Errorf("%s: not one %q", name, strings.TrimSpace(part))
			}
		}
		_, expression, _ := strings.Cut("\n"+rest, "\n        expr: ")
		expression, _, _ = strings.Cut(expression, "\n")
		asksWhatIsThere(t, name, expression)
		asksEachJobAlone(t, name, expression)
		if _, summary, _ := strings.Cut(rest, "summary: "); !regexp.MustCompile(`\$labels\.(job|instance)`).MatchString(summary) {
			t.Errorf("%s does not say where: %s", name, summary)
		}
		if severity := regexp.MustCompile(`severity: (page|ticket)}`); !severity.MatchString(rest) {
			t.Errorf("%s: neither page nor ticket", name)
		}
		if !strings.Contains(page, "\n| `"+name+"` | ") {
			t.Errorf("docs/operations.md does not say what to do about %s", name)
		}
	}
	for _, told := range regexp.MustCompile("\n\\| `(Countersign\\w+)` \\|").FindAllStringSubmatch(page, -1) {
		if !slices.Contains(names, told[1]) {
			t.Errorf("docs/operations.md tells of %s, which is no alert", told[1])
		}
	}
	if len(names) < 15 || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("the alerts are %q", names)
	}
}

// Prometheus' own tool reads the rules too, and finds what they say of two jobs.
func TestPromtoolReadsTheAlerts(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatal("TEST_REQUIRE=all, and promtool is not installed: .ci/prepare installs it")
	}
	if err != nil {
		t.Skip("promtool (Debian's package prometheus) is not installed")
	}
	for _, args := range [][]string{{"check", "rules", "--lint-fatal", alertsFile}, {"test", "rules", "testdata/two_jobs.yml"}} {
		if out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil {
			t.Errorf("%q: %v: %s", args, err, out)
		}
	}
}

// asksEachJobAlone demands that an expression never takes two deployments for one: a longer trail of a practice server
// would hide that the other's was cut.
func asksEachJobAlone(t *testing.T, where, expression string) {
	t.Helper()
	for _, over := range regexp.MustCompile(`\b(?:sum|max|min|avg|count|on|absent)\b[^(]*\([^()]*`).FindAllString(expression, -1) {
		if !regexp.MustCompile(`^(?:(?:sum|max|min|avg|count) by|on) \(job\b`).MatchString(over) {
			t.Errorf("%s takes jobs together: %s", where, over)
		}
	}
	if strings.Contains(expression, `job="`) {
		t.Errorf("%s asks for one job: %s", where, expression)
	}
}

// asksWhatIsThere demands that each name of an expression is a metric's.
func asksWhatIsThere(t *testing.T, where, expression string) {
	t.Helper()
	histogram := regexp.MustCompile(`(_duration_seconds|_write_wait_seconds|_group_size)_(bucket|sum|count)$`)
	found := 0
	for _, name := range regexp.MustCompile(`\b(?:countersign|process|go)_[a-z_]+`).FindAllString(expression, -1) {
		found++
		if is := histogram.FindStringSubmatchIndex(name); is != nil {
			name = name[:is[4]-1]
		}
		if !slices.Contains(all(t), name) {
			t.Errorf("%s asks for %s, which is not there", where, name)
		}
	}
	if found == 0 && !strings.HasPrefix(expression, "up{") {
		t.Errorf("%s asks for nothing of ours: %s", where, expression)
	}
}

// all are ours, and those of Go and of the process that were told.
func all(t *testing.T) []string {
	t.Helper()
	names := ours(t)
	families, err := New("test").registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		names = append(names, family.GetName())
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
