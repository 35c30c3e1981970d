package main

import (
	"context"
	"errors"
	"fmt"

	"countersign/handlers/notices"
	"countersign/models"
)

// practise makes the settings those of a server for training: its notices go to nobody, and
// with no scopes of one's own it has the demonstration's.
func (f *ServeFlags) practise(c *checks, settings *serveSettings) *notices.Practice {
	if !c.toggle("practice", f.Practice) {
		return nil
	}
	if len(settings.notices.channels)+len(settings.notices.alerts) > 0 {
		c.refuse("practice", "a server for practice sends nothing to anybody", "Take --smtp-address, --notice-webhook and --alert-webhook away")
	}
	if len(settings.scopes) == 0 {
		settings.scopes = demoScopes()
	}
	practice := &notices.Practice{Words: settings.words}
	settings.notices.channels = map[models.Channel]notices.Channel{models.ChannelMail: practice}
	return practice
}

// keepApart never serves a database for practice as a real one, nor a real one for practice.
func (s *ServeCmd) keepApart(env *Environment, store *models.Store) error {
	var err error
	if s.settings.practice == nil {
		err = store.RefusePractice(env.Context)
	} else {
		err = store.Practice(env.Context, func(ctx context.Context) error { return seed(ctx, store, env.Now()) })
	}
	switch {
	case errors.Is(err, models.ErrPracticeDatabase):
		return fmt.Errorf("%w.\nNext: add --practice, or correct --database", err)
	case errors.Is(err, models.ErrRealDatabase):
		return fmt.Errorf("%w.\nNext: name a new database for practice, or take --practice away", err)
	}
	return err
}
