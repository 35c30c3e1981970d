package counter

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// docs/protocol.md §6 changed-meanwhile: what a page showed is nothing that an approval rests on when the process that takes
// the form says a scope in other words, since people decide on words.
func TestScopesInOtherWords(t *testing.T) {
	process := func(words string) *Console {
		return New(web.New(web.Config{Scopes: []web.Scope{{Name: "pay", Words: words}}}))
	}
	shown := models.Shown{App: "Pocket Bank", Scope: "pay"}
	page := process("See your name")
	sent := func(sealed string) echo.Context {
		request := httptest.NewRequest(http.MethodPost, "/", nil)
		request.PostForm = url.Values{views.FieldShown: {sealed}}
		request.AddCookie(&http.Cookie{Name: "countersign", Value: "session"})
		return echo.New().NewContext(request, httptest.NewRecorder())
	}
	sealed, err := page.sealShown(sent(""), page.shownNow(shown))
	if err != nil {
		t.Fatal(err)
	}
	if got := process("See your name").shown(sent(sealed)); got != shown {
		t.Errorf("the same words: %+v", got)
	}
	if got := process("Move your money").shown(sent(sealed)); got != (models.Shown{}) {
		t.Errorf("other words: %+v", got)
	}
}
