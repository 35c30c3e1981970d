package notices

import (
	"context"
	"slices"
	"sync"

	"countersign/views"
)

// practiceKept is how many notices Practice keeps.
const practiceKept = 20

// Practice is a channel for training: it sends to nobody, and keeps the last notices in this
// process, marked, to be shown.
type Practice struct {
	Words *views.Words

	mutex sync.Mutex
	last  []views.PracticeNotice // the newest first
}

// Send is part of Channel.
func (p *Practice) Send(ctx context.Context, message Message) error {
	ctx = p.Words.In(ctx, p.Words.Match(message.Language))
	mark := views.Say(ctx, "PRACTICE")
	notice := views.PracticeNotice{
		Contact: message.Contact, Subject: mark + ": " + message.Subject,
		Text: mark + ": " + views.Say(ctx, "Nobody and nothing in this message is real.") + "\n\n" + message.Text,
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.last = slices.Insert(p.last, 0, notice)
	p.last = p.last[:min(len(p.last), practiceKept)]
	return nil
}

// Notices returns them, the newest first.
func (p *Practice) Notices() []views.PracticeNotice {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.last)
}
