package notices

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// Message is a notice in words, ready to be sent. It holds no code, no token of the
// device's, no document number and no name of the person.
type Message struct {
	ID          string
	Occasion    models.Occasion
	Account     string // its identifier here, the subject of its tokens
	Request     string // identifier of the device authorization
	Contact     string // as it stands in the account's record
	Language    string
	CreatedAt   time.Time
	UsefulUntil time.Time
	Now         time.Time
	Subject     string
	Text        string // plain text, paragraphs with an empty line between them
	NotMeURL    string // "" where there is nothing to end
	Issuer      string
}

// compose puts a notice into words: what happened, which app and device, what to do, and
// what when it was not the person.
func (w *Worker) compose(ctx context.Context, due models.DueNotice) (Message, error) {
	tag := w.Words.MatchOr(w.Language, due.Language)
	ctx = w.Words.In(ctx, tag)
	zone, err := w.zone(ctx, due)
	if err != nil {
		return Message{}, err
	}
	n := words{DueNotice: due, ctx: ctx, zone: zone, places: w.Store.Issuer() + oauth.PathVerification}
	message := Message{
		ID: due.ID, Occasion: due.Occasion, Account: *due.AccountID, Request: due.Request.ID, Contact: due.Contact,
		Language: tag.String(), CreatedAt: due.CreatedAt.Time(), UsefulUntil: due.UsefulUntil.Time(), Now: w.Store.Now(),
		Subject: n.subject(), Issuer: w.Store.Issuer(),
	}
	if due.Link != "" {
		message.NotMeURL = message.Issuer + views.NotMePath(due.Link)
	}
	paragraphs := []string{n.happened(), n.who(), n.todo(), n.otherwise(), message.NotMeURL,
		n.say("We never ask for a code, a password or a document in a message or on the phone."), w.About.signature(ctx)}
	paragraphs = slices.DeleteFunc(paragraphs, func(p string) bool { return p == "" })
	message.Text = strings.Join(paragraphs, "\n\n") + "\n"
	return message, nil
}

// signature is the last paragraph.
func (a About) signature(ctx context.Context) string {
	var lines []string
	if a.Name != "" {
		lines = append(lines, a.Name)
	}
	if a.Telephone != "" {
		lines = append(lines, views.Say(ctx, "Telephone:")+" "+a.Telephone)
	}
	if a.Privacy != "" {
		lines = append(lines, views.Say(ctx, "Privacy")+": "+a.Privacy)
	}
	return strings.Join(lines, "\n")
}

// zone returns the time zone of the counter, or of all counters where none was visited and they
// share one.
func (w *Worker) zone(ctx context.Context, due models.DueNotice) (*time.Location, error) {
	if due.Counter.ID != "" {
		return due.Counter.Location(), nil
	}
	counters, err := w.Store.Counters(ctx)
	if err != nil || len(counters) == 0 {
		return time.UTC, err
	}
	for _, counter := range counters {
		if counter.TimeZone != counters[0].TimeZone {
			return time.UTC, nil
		}
	}
	return counters[0].Location(), nil
}

// words are one notice's.
type words struct {
	models.DueNotice
	ctx    context.Context
	zone   *time.Location
	places string // address of the page that says where the counters are
}

func (n words) say(english string, args ...any) string { return views.Say(n.ctx, english, args...) }

// at tells a point in time, with its zone: a mail is read anywhere.
func (n words) at(instant models.Instant) string {
	return views.MomentAbroad(n.ctx, instant.Time(), n.zone)
}

// subject holds nothing that somebody else wrote.
func (n words) subject() string {
	switch n.Occasion {
	case models.NoticeRequested:
		return n.say("A device asks to be connected to your account")
	case models.NoticePendingDeadline:
		return n.say("A device still waits to be connected to your account")
	case models.NoticeApproved:
		return n.say("A device was approved for your account")
	case models.NoticeRedemptionDeadline:
		return n.say("An approved device has not connected to your account yet")
	case models.NoticeRedeemed:
		return n.say("A device was connected to your account")
	case models.NoticeDeclined:
		return n.say("A request for your account was declined")
	case models.NoticeContactChanged:
		return n.say("The contact of your account was changed")
	case models.NoticeBindingDeadline:
		return n.say("The connection of a device to your account ends soon")
	}
	if n.Binding.RedeemedAt == 0 {
		return n.say("An approval for your account was taken back")
	}
	return n.say("A device was disconnected from your account")
}

func (n words) happened() string {
	when, counter := n.at(n.CreatedAt), oneLine(n.Counter.Name)
	switch n.Occasion {
	case models.NoticeRequested:
		text := n.say("On %s an app asked to be connected to your account. Nothing is connected: that needs the device and your ID document at a counter, by %s.", when, n.at(n.Request.PendingUntil))
		if n.Waiting > models.WaitingCounted {
			text += " " + n.say("More than %d requests wait for your account now.", models.WaitingCounted)
		} else if n.Waiting > 1 {
			text += " " + n.say("%d requests wait for your account now.", n.Waiting)
		}
		return text
	case models.NoticePendingDeadline:
		return n.say("A request to connect a device to your account was made on %s and still waits. It ends on %s.", n.at(n.Request.CreatedAt),
			n.at(n.Request.PendingUntil))
	case models.NoticeApproved:
		return n.say("On %s, at the counter “%s”, an ID document was checked and a device was approved for your account. It has until %s to connect.", when, counter, n.at(n.Request.RedeemUntil))
	case models.NoticeRedemptionDeadline:
		return n.say("The device that was approved for your account on %s, at the counter “%s”, has not connected yet. It has until %s.",
			n.at(n.Request.DecidedAt), counter, n.at(n.Request.RedeemUntil))
	case models.NoticeRedeemed:
		return n.say("On %s a device was connected to your account. It was approved on %s at the counter “%s”.", when, n.at(n.Request.DecidedAt),
			counter)
	case models.NoticeDeclined:
		if counter == "" {
			return n.say("On %s somebody used the link in one of these messages to say that a request for your account was not yours. The request was declined, and our staff was told.", when)
		}
		return n.say("On %s, at the counter “%s”, a request to connect a device to your account was declined. Nothing was connected.", when,
			counter)
	case models.NoticeBindingDeadline:
		return n.say("The connection of a device to your account ends on %s. It was approved on %s at the counter “%s”.", n.at(n.UsefulUntil),
			n.at(n.Request.DecidedAt), counter)
	case models.NoticeContactChanged: // not to what: the reader may be a stranger to the account
		return n.say("On %s the contact of your account was changed. Until then it was this one; messages about the account no longer come here.", when)
	}
	return n.ended(when)
}

// ended returns what happened to a binding.
func (n words) ended(when string) string {
	switch {
	case n.Binding.RevokeReason == string(term.EndingNotMe):
		return n.say("On %s somebody used the link in one of these messages to say that a device on your account was not yours. It can no longer use your account, and our staff was told.", when)
	case n.Binding.RedeemedAt == 0:
		return n.say("On %s an approval for your account was taken back before the device used it. Nothing was connected.", when)
	}
	return n.say("On %s a device was disconnected from your account. It can no longer use it.", when)
}

// who tells app and device, and what of it is only their own claim.
func (n words) who() string {
	if n.Request.ID == "" {
		return ""
	}
	app := inert(n.Request.ClientName)
	lines := []string{n.say("The app calls itself “%s”. Nobody has verified that.", app)}
	if n.Request.Verified {
		lines[0] = n.say("The app is “%s” from %s. Its publisher has been verified.", app, oneLine(n.Request.PublisherName))
	}
	if device := inert(n.Request.InstanceName); device != "" {
		lines = append(lines, n.say("The device calls itself “%s”. Those are its own words.", device))
	}
	return strings.Join(lines, "\n")
}

// todo returns what the person does when it was them.
func (n words) todo() string {
	switch n.Occasion {
	case models.NoticeRequested, models.NoticePendingDeadline:
		return n.say("If it was you, take the device and your ID document to a counter: %s", n.places) + "\n" +
			n.say("Let only the person at the counter read the code on its screen.")
	case models.NoticeApproved, models.NoticeRedemptionDeadline:
		return n.say("If it was you, open the app on the device where there is internet. When the time is over, it has to start again.")
	case models.NoticeRedeemed:
		return n.say("If it was you, there is nothing to do. If you lose the device, tell a counter.")
	case models.NoticeBindingDeadline:
		return n.say("If you want to go on using it after that, start again in the app, and take the device and your ID document to a counter: %s", n.places)
	case models.NoticeContactChanged:
		return n.say("If you asked for that, there is nothing to do.")
	}
	return ""
}

// otherwise returns what they do when it was not them.
func (n words) otherwise() string {
	switch {
	case n.Link != "":
		until := n.at(n.CreatedAt.Add(models.RepudiationLife))
		return n.say("If it was not you, open this link and confirm. It ends this at once and tells our staff. It can be used until %s.", until)
	case n.Occasion == models.NoticeContactChanged:
		return n.say("If you did not, somebody may be after your account. Go to a counter with your ID document, as soon as you can: %s",
			n.places)
	}
	return n.say("If this surprises you, ask at a counter.")
}
