package guide

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"countersign/docs/help"
	"countersign/handlers/web"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/text/language"
)

// Audiences returns for whom there is help.
func (g *Guide) Audiences() []string { return help.Audiences() }

// Help answers GET /help/AUDIENCE: what somebody does here step by step, and what each
// refusal means. Everybody may read it; for staff the way back to where they were is kept.
func (g *Guide) Help(audience string) echo.HandlerFunc {
	return func(c echo.Context) error {
		g.app.Recognise(c)
		return g.help(c, audience)
	}
}

func (g *Guide) help(c echo.Context, audience string) error {
	ctx := c.Request().Context()
	text, tag, err := g.text(audience, views.LanguageOf(ctx))
	if err != nil {
		return err
	}
	back := web.LocalAddress(c.QueryParam("from"))
	props := views.HelpProps{Text: text, BackURL: back, OfVisit: ofVisit(back)}
	if tag != views.LanguageOf(ctx) {
		props.Language = tag.String()
	}
	for _, other := range help.Audiences() {
		link := views.HelpLink{URL: views.HelpPath(other, back), Readers: audienceName(ctx, other), Current: other == audience}
		props.Pages = append(props.Pages, link)
	}
	frame := g.app.Frame(c, views.Say(ctx, "Help"), views.SectionNone)
	frame.HelpURL, frame.PageStylesheetURL = c.Request().URL.RequestURI(), static.URL("help.css")
	return web.Render(c, http.StatusOK, views.HelpPage(frame, props))
}

// HelpIndex answers GET /help: for whom there is help.
func (g *Guide) HelpIndex(c echo.Context) error {
	ctx := c.Request().Context()
	var props views.HelpIndexProps
	for _, audience := range help.Audiences() {
		props.Pages = append(props.Pages, views.HelpLink{URL: views.HelpPath(audience, ""), Readers: audienceName(ctx, audience)})
	}
	return web.Render(c, http.StatusOK, views.HelpIndexPage(g.app.Frame(c, views.Say(ctx, "Help"), views.SectionNone), props))
}

// ofVisit reports whether an address belongs to a visit, or to the account of one.
func ofVisit(address string) bool {
	return strings.HasPrefix(address, views.PathVisits) || strings.HasPrefix(address, views.AccountPath(""))
}

// helpTexts keeps each text as a part of a page, by audience and language.
type helpTexts struct {
	once  sync.Map // "operator.de" → string
	words goldmark.Markdown
}

func newHelpTexts() *helpTexts {
	return &helpTexts{words: goldmark.New(goldmark.WithExtensions(extension.Table))}
}

// text returns the text in the language, or in English where there is none in it, with the
// language that it is in. The text is ours: it is markup that is safe as it stands.
func (g *Guide) text(audience string, wanted language.Tag) (string, language.Tag, error) {
	base, _ := wanted.Base()
	tag := wanted
	source, there := help.Text(audience, base.String())
	if !there {
		tag = language.English
		source, _ = help.Text(audience, tag.String())
	}
	key := audience + "." + tag.String()
	if kept, there := g.texts.once.Load(key); there {
		return kept.(string), tag, nil //nolint:forcetypeassert // only strings are kept
	}
	var page bytes.Buffer
	if err := g.texts.words.Convert(source, &page); err != nil {
		return "", tag, err
	}
	g.texts.once.Store(key, page.String())
	return page.String(), tag, nil
}
