package main

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"countersign/handlers"
	"countersign/handlers/metrics"
	"countersign/handlers/notices"
	"countersign/handlers/signin"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/zones"
)

const (
	sweepInterval    = time.Hour        // how often the server forgets what has no further use
	keepKeysInterval = 30 * time.Second // how often it looks after its keys
)

// ServeCmd is the production server.
type ServeCmd struct {
	ServeFlags
	settings serveSettings `kong:"-"`
	warnings []problem     // of the settings, for the log
	ignored  []string      // variables that look like settings, for the log
}

// Check is part of checker. Warnings of a server that starts are lines of its log, in the log's format.
func (s *ServeCmd) Check(c *checks) {
	if s.settings = s.check(c); len(c.problems) == 0 {
		s.warnings, c.warnings = c.warnings, nil
	}
	s.ignored = c.ofServices
}

// Run serves until the environment's context ends, then lets requests finish.
func (s *ServeCmd) Run(env *Environment) error {
	log := newLog(env, s.settings.logLevel, s.settings.logFormat)
	for _, w := range s.warnings {
		log.Warn("settings", "setting", w.setting, "warning", w.wrong, "next", w.todo)
	}
	if len(s.ignored) > 0 {
		log.Info("variables that Kubernetes made for its services are no settings, and were ignored", "variables",
			strings.Join(s.ignored, " "), "next", "enableServiceLinks: false in the pod's specification leaves them away")
	}
	if s.settings.migrate {
		if err := newServiceManager(env, log).patientWith(env, func() error {
			return migrateUp(env, s.settings.store.database, !s.settings.noBackup, log)
		}); err != nil {
			return err
		}
	}
	store, err := openStore(env, s.settings.store, s.settings.policy, log)
	if err != nil {
		return err
	}
	return errors.Join(s.start(env, store, log), store.Close())
}

// start serves from a database that can be written, and from no other.
func (s *ServeCmd) start(env *Environment, store *models.Store, log *slog.Logger) error {
	if err := s.look(env, store, log); err != nil {
		return err
	}
	return s.serve(env, store, log)
}

// look is what there is to look at before the server listens. It takes as long with many rows as with few: what takes longer
// is done beside the requests.
func (s *ServeCmd) look(env *Environment, store *models.Store, log *slog.Logger) error {
	if err := store.Probe(env.Context); err != nil {
		return err
	}
	if err := s.keepApart(env, store); err != nil {
		return err
	}
	if err := s.settings.checkpoint.hold(env.Context, store, log); err != nil {
		return err
	}
	warnings, err := store.Warnings(env.Context)
	for _, warning := range warnings {
		log.Warn("start", "warning", warning)
	}
	return err
}

// config is what the settings say of pages and endpoints.
func (s *ServeCmd) config(store *models.Store, log *slog.Logger) web.Config {
	config := web.Config{
		Store: store, Issuer: s.settings.store.issuer, Scopes: s.settings.scopes, Staff: s.settings.staff,
		TrustedProxies: s.settings.proxies, Limits: s.settings.limits, OwnLimits: s.settings.ownLimits,
		StrangerEvents: s.settings.events, PollRate: s.settings.polls,
		KeyRotation: s.settings.rotation, KeyNetworks: s.settings.keys, Log: log,
		NoPhonePage: !s.settings.phonePage, Documents: s.settings.documents,
		Organisation: s.settings.about, Words: s.settings.words, NoticeLanguage: s.settings.notices.language,
	}
	if s.settings.practice != nil {
		config.Practice = &web.Practice{Notices: s.settings.practice.Notices}
	}
	return config
}

func (s *ServeCmd) serve(env *Environment, store *models.Store, log *slog.Logger) error {
	config := s.config(store, log)
	config.Metrics, config.Traces = s.metrics(store, log), s.traces(store, log)
	defer config.Traces.End() // the last of all: whatever ends has spans
	handler, err := handlers.New(config)
	if err != nil {
		return err
	}
	sockets, err := listeners(env, s.settings.listen)
	if err != nil {
		return err
	}
	endNotices, err := tell(env, store, s.settings.notices, config.Traces, log)
	if err != nil {
		return errors.Join(err, closeAll(sockets))
	}
	defer endNotices()
	beside := newBackground(env)
	defer beside.end()
	toTheEnd := newBackgroundToTheEnd(env)
	defer toTheEnd.end()
	if err := s.tellMetrics(toTheEnd, config.Metrics, log); err != nil {
		return errors.Join(err, closeAll(sockets))
	}
	beside.run(keepMemory)
	beside.run(func(env *Environment) { sweep(env, store, config.Metrics, log) })
	beside.run(func(env *Environment) { applyImports(env, store, log) })
	beside.run(func(env *Environment) { sequence(env, store, log) })
	beside.run(func(env *Environment) { s.settings.checkpoint.keepOn(env, store, log) })
	for _, one := range s.settings.witnesses {
		beside.run(func(env *Environment) { askWitness(env, store, one, log) })
	}
	beside.run(func(env *Environment) { keepKeys(env, store, s.settings.rotation, log) })
	toTheEnd.run(func(env *Environment) { probe(env, store, log) })
	beside.run(func(env *Environment) { lookForNewer(env, store) })
	beside.run(func(env *Environment) { signin.CheckProvider(env.Context, web.New(config)) })
	beside.run(func(env *Environment) { s.checkMail(env, log) })
	beside.run(func(env *Environment) { compareClocks(env, store, s.settings.staff.Issuer, log) })
	log.Info("listening", "address", addressesOf(sockets), "issuer", s.settings.store.issuer, "version", versionText(), "time_zones",
		zones.Used().String())
	warnOfUnsaid(log, s.settings.words)
	warnOfOldZones(log, zones.Used(), env.Now())
	server := &server{env: env, handler: handler, drainDelay: s.settings.drainDelay, idle: s.settings.idle, log: log}
	if cert := s.settings.cert; cert != nil {
		server.tls = cert.config()
		cert.tellExpiry = config.Metrics.CertificateExpires
		cert.reload(log)
		beside.run(func(env *Environment) { cert.keep(env, log) })
	}
	manager := newServiceManager(env, log)
	hangups := env.hangups()
	beside.run(func(env *Environment) { reloadAtHangups(env, hangups, s.settings.cert, manager, log) })
	return server.serveUnder(manager, sockets)
}

// checkMail warns at the start of a mail server that does not let us in. Notices wait, and are tried again.
func (s *ServeCmd) checkMail(env *Environment, log *slog.Logger) {
	mail, ok := s.settings.notices.channels[models.ChannelMail].(*notices.Mail)
	if !ok {
		return
	}
	if err := mail.Check(env.Context, s.settings.store.issuer); err != nil && env.Context.Err() == nil {
		log.Warn("no mail can be sent now: notices wait, and are tried again", "server", mail.Host, "error", err,
			"next", "see that the mail server is there and takes the settings --smtp-…")
	}
}

// warnOfOldZones says at the start what /admin/policies says for as long as the server runs.
func warnOfOldZones(log *slog.Logger, used zones.Source, now time.Time) {
	if used.Old(now) {
		log.Warn("the time zone data is older than a year: update the program, or this machine's zones; times at counters may be an hour off",
			"time_zones", used.String(), "released", used.Released.Format(time.DateOnly))
	}
}

// sweep calls store.Sweep now and then until the context ends.
func sweep(env *Environment, store *models.Store, told *metrics.Metrics, log *slog.Logger) {
	for {
		began := env.Now()
		if err := store.Sweep(env.Context); env.Context.Err() == nil {
			told.Swept(began, env.Now(), err)
			if err != nil && !store.MetOutage(env.Context, err) {
				log.Error("sweeping failed", "error", err)
			}
		}
		if env.Wait(env.Context, sweepInterval) != nil {
			return
		}
	}
}

// probe looks now and then whether the database can be used, until the context ends: more often while it cannot, so that
// whoever asks /readyz sends requests again soon after a fail-over. A problem is logged when it begins.
func probe(env *Environment, store *models.Store, log *slog.Logger) {
	known, pause := "", models.ProbeInterval
	for env.Wait(env.Context, pause) == nil {
		err := store.Probe(env.Context)
		if env.Context.Err() != nil {
			return
		}
		problem := ""
		pause = models.ProbeInterval
		if err != nil {
			pause = models.ProbeAgain
		}
		if err != nil && !store.MetOutage(env.Context, err) { // which the store has logged, as it will the end
			problem = err.Error()
		}
		switch {
		case problem == known:
		case problem == "":
			log.Info("ready again")
		default:
			log.Error("not ready", "error", problem)
		}
		known = problem
	}
}

// lookForNewer notices within seconds that a newer program has ended this one's work, until the context ends. The store logs it.
func lookForNewer(env *Environment, store *models.Store) {
	for env.Wait(env.Context, models.OldestInterval) == nil {
		if err := store.CheckOldest(env.Context); err != nil && env.Context.Err() == nil {
			store.MetOutage(env.Context, err)
		}
	}
}

// keepKeys picks up what other processes rotated, and rotates what is due, until the
// context ends. A problem is logged when it begins.
func keepKeys(env *Environment, store *models.Store, rotation time.Duration, log *slog.Logger) {
	known := ""
	for {
		known = reloadKeys(env, store, known, log)
		if rotation > 0 && !store.HasOldMasterKey() { // one with the new master key does so
			done, err := store.RotateDueKeys(env.Context, rotation)
			if err != nil && env.Context.Err() == nil && !store.MetOutage(env.Context, err) {
				log.Error("rotating keys failed", "error", err)
			}
			for _, purpose := range done {
				log.Info("signing key rotated", "purpose", purpose)
			}
		}
		if env.Wait(env.Context, keepKeysInterval) != nil {
			return
		}
	}
}

// reloadKeys logs what is wrong with the keys unless it is known, and returns it.
func reloadKeys(env *Environment, store *models.Store, known string, log *slog.Logger) string {
	err := store.ReloadKeys(env.Context)
	switch {
	case env.Context.Err() != nil:
		return known
	case err == nil:
		return ""
	case store.MetOutage(env.Context, err):
		return known
	case err.Error() != known && store.HasOldMasterKey():
		log.Error("this process has an old master key", "error", err,
			"next", "start it anew with the new COUNTERSIGN_MASTER_KEY or COUNTERSIGN_MASTER_KEY_FILE: with this one it stops working in time")
	case err.Error() != known:
		log.Error("the server's keys are not all in order", "error", err)
	}
	return err.Error()
}

func newLog(env *Environment, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(web.LogByRequest(slog.NewJSONHandler(env.Stderr, options)))
	}
	return slog.New(web.LogByRequest(slog.NewTextHandler(env.Stderr, options)))
}
