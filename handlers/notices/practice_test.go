package notices_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/handlers/notices"
	"countersign/views"
)

// Notices of practice go to nobody, are marked in the account's language, and the last twenty
// are kept.
func TestPracticeKeepsNotices(t *testing.T) {
	words, err := views.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	practice := &notices.Practice{Words: words}
	for i := range 25 {
		message := notices.Message{Contact: "anna@example.org", Subject: fmt.Sprint("Notice ", i), Text: "What happened.", Language: "de"}
		if err := practice.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	kept := practice.Notices()
	if len(kept) != 20 || kept[0].Subject != "ÜBUNG: Notice 24" || kept[19].Subject != "ÜBUNG: Notice 5" {
		t.Fatalf("%d kept, the newest %q", len(kept), kept[0].Subject)
	}
	if !strings.HasPrefix(kept[0].Text, "ÜBUNG: ") || !strings.HasSuffix(kept[0].Text, "What happened.") {
		t.Errorf("the text is %q", kept[0].Text)
	}
}
