package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"countersign/handlers/notices"
	"countersign/handlers/signin"
	"countersign/handlers/web"
	"countersign/models"
)

// ConfigCmd is about the settings of serve, without serving.
type ConfigCmd struct {
	Check ConfigCheckCmd `cmd:"" help:"Say everything that serve would refuse or warn of. Exit code 0 when there is nothing to refuse, 2 otherwise."`
	Show  ConfigShowCmd  `cmd:"" help:"Print each setting of serve, its value and where it comes from. Secrets are not shown."`
}

// ConfigCheckCmd looks at the settings and at what they name: the addresses, the database, the provider and the mail server.
// It writes no more than a probe of the database does, and makes no keys.
type ConfigCheckCmd struct {
	ServeFlags
	serve ServeCmd `kong:"-"`
}

// Check is part of checker.
func (s *ConfigCheckCmd) Check(c *checks) {
	s.serve.ServeFlags = s.ServeFlags
	s.serve.settings = s.serve.check(c)
}

// Run is called when there is nothing to refuse.
func (s *ConfigCheckCmd) Run(env *Environment) error {
	_, err := fmt.Fprintln(env.Stdout, "serve would start with these settings")
	return err
}

// Look is part of looker.
func (s *ConfigCheckCmd) Look(env *Environment, c *checks) {
	settings := &s.serve.settings
	c.places(env.Context, settings)
	c.trouble("checkpoint-file", settings.checkpoint.takes())
	if mail, ok := settings.notices.channels[models.ChannelMail].(*notices.Mail); ok && mail.Port > 0 && mail.From != nil {
		if err := mail.Check(env.Context, settings.store.issuer); err != nil {
			c.warn("smtp-address", "no mail can be sent now: "+err.Error(), "See that the mail server is there and takes these settings")
		}
	}
	switch file, is := missingFile(settings.store.database); {
	case settings.store.database == "":
	case is && settings.migrate:
		c.trouble("database", folderTakesFiles(filepath.Dir(file))) // where serve makes it
	default:
		s.lookAtDatabase(env, c)
	}
}

// lookAtDatabase goes through what serve does before it listens, as far as the settings and the database let it.
func (s *ConfigCheckCmd) lookAtDatabase(env *Environment, c *checks) {
	settings := &s.serve.settings
	database, err := openDatabase(env, settings.store.database, quietLog(env))
	if err != nil {
		c.trouble("database", err)
		return
	}
	defer func() { _ = database.Close() }()
	if err := database.CheckSchema(env.Context); err != nil {
		if errors.Is(err, models.ErrSchemaBehind) && settings.migrate {
			return // serve brings it up to date
		}
		c.trouble("database", err)
		return
	}
	rows, err := database.Keys(env.Context)
	if err != nil {
		c.trouble("database", err)
		return
	}
	if len(rows) == 0 || settings.store.issuer == "" || len(settings.store.masterKey) == 0 {
		return // a new database, whose keys serve makes
	}
	s.lookAtStore(env, c, database)
}

func (s *ConfigCheckCmd) lookAtStore(env *Environment, c *checks, database *models.Database) {
	settings := &s.serve.settings
	store, err := models.Open(env.Context, database, models.Config{
		Issuer: settings.store.issuer, Now: env.Now, Rand: env.Rand, MasterKey: settings.store.masterKey, Policy: settings.policy,
		Version: versionText(),
	})
	if err != nil {
		c.trouble(flagOfTrouble(err), err)
		return
	}
	c.trouble("database", store.Probe(env.Context))
	if settings.practice == nil {
		c.trouble("practice", s.serve.keepApart(env, store))
	}
	kept, err := settings.checkpoint.read()
	if err == nil && len(kept) > 0 {
		err = settings.checkpoint.explain(store.HoldCheckpoint(env.Context, kept))
	}
	c.trouble("checkpoint-file", err)
	warnings, err := store.Warnings(env.Context)
	c.trouble("database", err)
	for _, warning := range warnings {
		c.warn("database", warning, "docs/threat-model.md says why")
	}
	c.askProvider(env.Context, s.serve.config(store, slog.New(slog.DiscardHandler)))
}

// flagOfTrouble is the setting that an error of opening the store is about.
func flagOfTrouble(err error) string {
	next := withNextStep(err).Error()
	switch {
	case errors.Is(err, models.ErrOtherIssuer):
		return "issuer"
	case strings.Contains(next, "give the master key"):
		return "master-key"
	}
	return "database"
}

// trouble refuses with the words of an error, which say what to do in a line of their own.
func (c *checks) trouble(flag string, err error) {
	if err == nil {
		return
	}
	wrong, todo, told := strings.Cut(withNextStep(err).Error(), ".\nNext: ")
	if !told {
		todo = "Mend that, and check again"
	}
	c.refuse(flag, wrong, capital(todo))
}

// askProvider turns what serve would log of the staff's provider into warnings.
func (c *checks) askProvider(ctx context.Context, config web.Config) {
	lines := &warningCollector{}
	config.Log = slog.New(lines)
	signin.CheckProvider(ctx, web.New(config))
	for _, said := range lines.said {
		c.warn("oidc-issuer", said, "See that the provider is there and that this is its issuer; the server may start before it")
	}
}

// warningCollector is a log that keeps each warning as a sentence: its message, and behind a colon what it is about.
type warningCollector struct{ said []string }

// Enabled is part of slog.Handler.
func (*warningCollector) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// WithAttrs is part of slog.Handler.
func (w *warningCollector) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup is part of slog.Handler.
func (w *warningCollector) WithGroup(string) slog.Handler { return w }

// Handle is part of slog.Handler.
func (w *warningCollector) Handle(_ context.Context, line slog.Record) error {
	said := line.Message
	line.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" || a.Key == "warning" {
			said += ": " + a.Value.String()
		}
		return true
	})
	w.said = append(w.said, said)
	return nil
}
