package notices_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/models"

	"golang.org/x/text/language"
)

// everyOccasion brings about each occasion in turn, and sends after each. It returns what
// must stand in no message: codes and tokens.
func (w *town) everyOccasion(t *testing.T) (secrets []string) {
	t.Helper()
	const day = 24 * time.Hour
	remind := func() {
		t.Helper()
		w.Clock.Advance(5 * day)
		if err := w.Store.RemindOfDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.round(t)
	}
	phone := w.Phone()
	codes := phone.Ask(map[string]string{"instance_name": "Anna’s phone"})
	w.round(t)
	remind()
	approval := w.Approve(t, codes.UserCode)
	w.round(t)
	remind()
	tokens := phone.Poll(codes.DeviceCode).Succeeded(t, 200)
	w.round(t)
	for range 14 { // in use until its end is near
		w.Clock.Advance(25 * day)
		phone.Refresh(tokens.String("refresh_token"), nil).Succeeded(t, 200)
	}
	remind()
	if err := w.Store.RevokeBinding(t.Context(), w.Supervisor("Sara Supervisor").SessionID, approval.Binding.ID, "device_lost"); err != nil {
		t.Fatal(err)
	}
	w.round(t)
	again := w.Phone().Ask(nil)
	w.round(t)
	w.Decline(t, again.UserCode)
	w.round(t)
	w.contact(t, "new@elsewhere.example")
	w.round(t)
	return []string{codes.UserCode, strings.ReplaceAll(codes.UserCode, "-", ""), codes.DeviceCode, tokens.String("access_token"),
		tokens.String("refresh_token"),
		again.UserCode, strings.ReplaceAll(again.UserCode, "-", ""), again.DeviceCode}
}

// docs/decisions/0016-notices.md: each occasion is told by SMTP and by webhook, in each language, to the
// contact that the account had then; no message holds a code (docs/architecture.md §6, content
// filtering; docs/protocol.md §6 secrets-told), and none tells what a contact was changed to.
func TestEveryOccasionByMailAndWebhook(t *testing.T) {
	for _, tag := range []language.Tag{language.English, language.German, language.Arabic} {
		t.Run(tag.String(), func(t *testing.T) {
			address, got := receiver(t)
			p := newPost(t, false)
			channels := map[models.Channel]notices.Channel{
				models.ChannelMail: p.channel(notices.STARTTLS), models.ChannelWebhook: notices.NewWebhook(address, []byte("shared secret"), nil)}
			w := newTown(t, handlerstest.SQLite, channels)
			w.worker = w.newWorker(t, channels, tag)
			secrets := append(w.everyOccasion(t), "elsewhere.example", "Anna Example")

			want := []models.Occasion{models.NoticeRequested, models.NoticePendingDeadline, models.NoticeApproved, models.NoticeRedemptionDeadline,
				models.NoticeRedeemed, models.NoticeBindingDeadline, models.NoticeRevoked, models.NoticeRequested,
				models.NoticeDeclined, models.NoticeContactChanged}
			letters := p.letters(t)
			if len(letters) != len(want) || len(got()) != len(want) {
				t.Fatalf("%d mailed, %d posted: %s", len(letters), len(got()), w.log)
			}
			for i, occasion := range want {
				var posted map[string]string
				if err := json.Unmarshal(got()[i].body, &posted); err != nil {
					t.Fatal(err)
				}
				letter := letters[i]
				if posted["occasion"] != string(occasion) || posted["contact"] != contact || letter.Get("To") != "<"+contact+">" {
					t.Errorf("%s: %v, mailed to %s", occasion, posted, letter.Get("To"))
				}
				texts := []string{letter.Text, posted["text"]}
				for j, text := range texts { // the link is each notice's own
					texts[j] = linkShape.ReplaceAllString(text, "LINK")
				}
				if letter.Subject != posted["subject"] || texts[0] != texts[1] || strings.Contains(letter.Text, "%!") {
					t.Errorf("%s: mailed %s\n%s\nposted %s\n%s", occasion, letter.Subject, texts[0], posted["subject"], texts[1])
				}
				if link := strings.Contains(texts[0], "LINK"); link != occasion.CanRepudiate() || link != (posted["not_me_url"] != "") {
					t.Errorf("%s: has a link: %v, %q", occasion, link, posted["not_me_url"])
				}
				if english := strings.Contains(letter.Subject+texts[0], "our"); english != (tag == language.English) {
					t.Errorf("%s: is it English? %s\n%s", occasion, letter.Subject, letter.Text)
				}
				if strings.ContainsRune(letter.Subject+letter.Text, '\u2066') {
					t.Errorf("%s: some of it is in English: %s\n%s", occasion, letter.Subject, letter.Text)
				}
				for _, sent := range []string{p.taken()[i], letter.Text, string(got()[i].body)} {
					if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(strings.ToLower(sent), strings.ToLower(secret)) }) {
						t.Errorf("%s: a secret was sent in %s", occasion, sent)
					}
				}
			}
			for _, occasion := range models.Occasions() {
				if !slices.Contains(want, occasion) {
					t.Errorf("nothing here brings about %s", occasion)
				}
			}
		})
	}
}
