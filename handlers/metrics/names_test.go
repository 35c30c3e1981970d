package metrics

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/models"

	"github.com/prometheus/client_golang/prometheus"
)

// ours are the names of all metrics that begin with the namespace, with those that a histogram has besides.
func ours(t *testing.T) []string {
	t.Helper()
	m, found := New("test"), map[string]bool{}
	descs, told := make(chan *prometheus.Desc, 1000), make(chan prometheus.Metric, 1000)
	m.registry.Describe(descs)
	everything(gauges{to: told})
	close(told)
	for metric := range told {
		descs <- metric.Desc()
	}
	close(descs)
	for desc := range descs {
		if name := regexp.MustCompile(`fqName: "(countersign_\w+)"`).FindStringSubmatch(desc.String()); name != nil {
			found[name[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// everything tells each number that is read of the database.
func everything(g gauges) {
	m := models.Measures{
		Waiting: make([]int, 7), Due: map[models.Channel]models.Due{models.ChannelMail: {}},
		Alerts: []models.AlertsWaiting{{Channel: models.ChannelMail}}, Cosigned: map[string]int64{"witness.example": 0},
		Undelivered: []models.UndeliveredGroup{{Channel: models.ChannelMail}},
	}
	g.pools([]models.Pool{{Name: "read"}})
	g.state(nil, nil, false)
	g.shared(m)
	g.verification(&models.TrailVerification{})
}

// docs/operations.md has a line for each metric, and for none that is not there.
func TestEachMetricHasItsLine(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(string(page)) {
		if name := regexp.MustCompile("^\\| `(countersign_\\w+)` \\|").FindStringSubmatch(line); name != nil {
			told = append(told, name[1])
		}
	}
	have := ours(t)
	for _, name := range have {
		if !slices.Contains(told, name) {
			t.Errorf("docs/operations.md does not tell of %s", name)
		}
	}
	for _, name := range told {
		if !slices.Contains(have, name) {
			t.Errorf("docs/operations.md tells of %s, which is not there", name)
		}
	}
	if len(have) < 30 {
		t.Errorf("only %d metrics are found: %q", len(have), have)
	}
}
