package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"countersign/handlers/notices"
	"countersign/handlers/traces"
	"countersign/models"
	"countersign/views"

	"golang.org/x/text/language"
)

// tell runs a worker that sends notices. The answer ends it, and waits for the attempt
// that is under way; it may be called once.
func tell(env *Environment, store *models.Store, settings noticeSettings, told *traces.Traces, log *slog.Logger) (end func(), err error) {
	if len(settings.channels)+len(settings.alerts) == 0 {
		return func() {}, nil
	}
	worker := notices.NewWorker(notices.Config{
		Store: store, Words: settings.words, About: settings.about, Language: settings.language,
		Channels: settings.channels, Alerts: settings.alerts, Traces: told, Log: log, Wait: env.Wait,
	})
	ctx, stop := context.WithCancel(env.Context)
	ended := make(chan struct{})
	go func() {
		worker.Run(ctx)
		close(ended)
	}()
	return func() { stop(); <-ended }, nil
}

// demoMail is the mail of the demonstration: it goes whole to the terminal, and to nobody.
type demoMail struct{ out io.Writer }

// Send is part of notices.Channel.
func (d demoMail) Send(_ context.Context, m notices.Message) error {
	const begin, end = "\n---- A notice, as it would be mailed ----\n", "---- end of the notice ----\n"
	text := fmt.Sprintf("%sTo: %s\nSubject: %s\n\n%s%s", begin, m.Contact, m.Subject, m.Text, end)
	_, err := io.WriteString(d.out, text)
	return err
}

func demoNotices(out io.Writer) (noticeSettings, error) {
	words, err := views.LoadWords()
	return noticeSettings{
		words: words, language: language.English, channels: map[models.Channel]notices.Channel{models.ChannelMail: demoMail{out}},
	}, err
}
