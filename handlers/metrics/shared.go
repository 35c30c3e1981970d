package metrics

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"countersign/models"

	"github.com/prometheus/client_golang/prometheus"
)

// keptFor is how long what was read of the database is told again: however often somebody scrapes, the database is asked
// twice a minute at most.
const keptFor = 30 * time.Second

// readLimit is how long a scrape waits for the database. Scrapers give up after 10 seconds as a rule.
const readLimit = 5 * time.Second

// Database adds how a process writes to its database, which is observed from now on, and what all processes share, which is
// read when somebody scrapes. It is called before the first write.
func (m *Metrics) Database(store *models.Store, log *slog.Logger) {
	store.Observe(m.Observer())
	m.registry.MustRegister(&shared{store: store, log: log})
}

// shared is a prometheus.Collector. While the database cannot be read, countersign_database_readable is 0 and the rest is left
// out: an old number would look like a good one.
type shared struct {
	store *models.Store
	log   *slog.Logger

	mu    sync.Mutex // guards the rest, and is held while the database is asked
	read  time.Time  // when it was asked last; zero: never
	known models.Measures
	err   error
}

// Describe is prometheus.Collector's. It tells nothing: which channels and witnesses there are is known at a scrape.
func (s *shared) Describe(chan<- *prometheus.Desc) {}

// Collect is prometheus.Collector's.
func (s *shared) Collect(to chan<- prometheus.Metric) {
	g := gauges{to, s.store.Now()}
	g.pools(s.store.Pools())
	measures, err := s.measures()
	g.state(s.store.Readiness(), err, s.store.HasOldMasterKey())
	if err == nil {
		g.shared(measures)
	}
}

// measures reads them, or returns what was read a moment ago.
func (s *shared) measures() (models.Measures, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.store.Now()
	if !s.read.IsZero() && now.Sub(s.read).Abs() < keptFor {
		return s.known, s.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	known, err := s.store.Measures(ctx)
	if err != nil && !s.store.MetOutage(ctx, err) && s.err == nil { // an outage is the store's to tell, as for all that meet it
		s.log.WarnContext(ctx, "metrics of the database cannot be read", "error", err)
	}
	s.read, s.known, s.err = now, known, err
	return known, err
}

// gauges tells numbers of one moment.
type gauges struct {
	to  chan<- prometheus.Metric
	now time.Time
}

// one tells a number without labels.
func (g gauges) one(name, help string, value float64) { g.labelled(name, help, value, nil) }

// labelled tells a number with values for labels.
func (g gauges) labelled(name, help string, value float64, labels []string, values ...string) {
	desc := prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	g.to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, values...)
}

// state tells what may be wrong: with the database as the last probe found it, and with this reading.
func (g gauges) state(probed, read error, oldMasterKey bool) {
	g.one("ready", "1 while /readyz of this process says that the database can be used.", whether(probed == nil))
	g.one("database_readable", "1 where what all processes share could be read from the database for this scrape.", whether(read == nil))
	g.one("old_master_key", "1 once the server's keys are sealed with another master key than this process has.", whether(oldMasterKey))
}

func (g gauges) shared(m models.Measures) {
	g.requests(m)
	g.notices(m)
	g.log(m)
	g.verification(m.Verified)
	g.one("processes", "Processes that have looked at the database lately.", float64(m.Processes))
}

func (g gauges) pools(pools []models.Pool) {
	labels := []string{"pool"}
	count := func(name, help string, value float64, pool string) {
		desc := prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
		g.to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, pool)
	}
	const connections = "Connections to the database, by what they do."
	for _, pool := range pools {
		g.labelled("database_connections", connections, float64(pool.InUse), []string{"pool", "state"}, pool.Name, "in use")
		g.labelled("database_connections", connections, float64(pool.Idle), []string{"pool", "state"}, pool.Name, "idle")
		count("database_connection_waits_total", "How often there was no connection free.", float64(pool.Waits), pool.Name)
		count("database_connection_wait_seconds_total", "How long was waited for one, all together.", pool.WaitTime.Seconds(), pool.Name)
	}
}

func (g gauges) requests(m models.Measures) {
	for age, count := range m.Waiting {
		g.labelled("requests_waiting", "Requests that can still be decided, by whole days since they came; of each day 10000 or fewer.",
			float64(count), []string{"age_days"}, strconv.Itoa(age))
	}
	const missed = "Windows that ended within a day without what they were for, a decision or the redemption; 10000 or fewer."
	g.labelled("windows_missed_last_day", missed, float64(m.MissedDecisions), []string{"window"}, "pending")
	g.labelled("windows_missed_last_day", missed, float64(m.MissedRedemptions), []string{"window"}, "redemption")
}

func (g gauges) notices(m models.Measures) {
	channel := []string{"channel"}
	for name, due := range m.Due {
		g.labelled("notices_due", "Notices to accounts' contacts that could be sent now; 10000 or fewer.",
			float64(due.Count), channel, string(name))
		g.labelled("notices_due_age_seconds", "How long the notice that waits longest could have been sent; 0 when none is due.",
			g.since(due.Since), channel, string(name))
	}
	g.undelivered(m)
	g.one("notices_given_up_last_day", "Notices that were given up within a day; 500 or fewer.", float64(m.GivenUp))
	for _, waits := range m.Alerts {
		g.labelled("alerts_untold", "Alerts that wait to be sent to supervisors.", float64(waits.Waiting), channel, string(waits.Channel))
		g.labelled("alerts_untold_age_seconds", "How long the alert that waits longest has waited to be sent.",
			g.since(waits.Since), channel, string(waits.Channel))
	}
}

func (g gauges) undelivered(m models.Measures) {
	for _, group := range m.Undelivered {
		g.labelled("notices_undelivered", "Notices that were given up, and that nobody has sent again or put aside; of each cause 10000 or fewer.",
			float64(group.Count), []string{"channel", "cause"}, string(group.Channel), string(group.Cause))
	}
}

func (g gauges) log(m models.Measures) {
	g.one("log_entries", "Entries of the audit trail.", float64(m.Log.Entries))
	g.one("log_checkpoint_entries", "Entries that the newest checkpoint of the log is of.", float64(m.Log.Size))
	g.one("log_checkpoint_timestamp_seconds", "When the newest checkpoint was signed; 0 when there is none.", seconds(m.Log.SignedAt))
	g.one("log_unpublished_entries", "Entries of the trail that no checkpoint has.", float64(m.Log.Entries-m.Log.Size))
	g.one("log_unpublished_age_seconds", "How long ago the oldest of them happened; 0 when there is none.", g.since(m.Log.Since))
	for name, size := range m.Cosigned {
		g.labelled("log_cosigned_entries", "Entries of the newest checkpoint that a witness has cosigned; 0 when it has none.",
			float64(size), []string{"witness"}, name)
	}
}

// verification is left out where there was none.
func (g gauges) verification(v *models.TrailVerification) {
	if v == nil {
		return
	}
	g.one("verification_timestamp_seconds", "When the last recorded verification of the trail ended.", seconds(v.EndedAt))
	g.one("verification_entries", "Entries that it verified.", float64(v.Entries))
	for _, verdict := range []models.Verdict{models.VerdictSound, models.VerdictConsistent, models.VerdictNotSound} {
		g.labelled("verification_verdict", "1 for what it came to.", whether(v.Verdict == verdict), []string{"verdict"}, string(verdict))
	}
}

// since is how long ago it was, 0 for never and for what is ahead by another process's clock.
func (g gauges) since(at models.Instant) float64 {
	if at == 0 {
		return 0
	}
	return max(0, g.now.Sub(at.Time()).Seconds())
}

// seconds is a moment as Prometheus tells it, 0 for never.
func seconds(at models.Instant) float64 {
	if at == 0 {
		return 0
	}
	return float64(at) / 1000
}

func whether(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
