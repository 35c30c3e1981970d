package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptToken names the cookie of a token that was just made: sealed, and shown once.
const keptToken = "token"

// newToken is one that was just made.
type newToken struct {
	Token string
	Until models.Instant
}

// leftToRightIsolate begins what a language does not say itself.
const leftToRightIsolate = '\u2066'

// tokenTexts are texts to send with a new token, one for each language, the reader's first.
func (h *Admin) tokenTexts(c echo.Context, token newToken) []views.TokenText {
	if token.Token == "" {
		return nil
	}
	ctx := c.Request().Context()
	texts := []views.TokenText{}
	for _, language := range views.LanguagesOf(ctx) {
		in := h.app.Words.In(ctx, language.Tag)
		text := views.TokenText{Language: language.Tag.String(), Name: language.Name, Text: h.tokenText(in, c, token)}
		switch {
		case strings.ContainsRune(text.Text, leftToRightIsolate): // the language lacks it, and it is English
		case language.Tag == views.LanguageOf(ctx):
			texts = slices.Insert(texts, 0, text)
		default:
			texts = append(texts, text)
		}
	}
	return texts
}

// tokenText is for whoever has the device.
func (h *Admin) tokenText(ctx context.Context, c echo.Context, token newToken) string {
	say := views.Speaker(ctx)
	begin := say("Begin in the app, on the device that is to be connected.")
	if !h.app.NoPhonePage {
		begin = say("Open this page on the device that is to be connected: %s", h.app.Issuer+views.PathPhone)
	}
	return strings.Join([]string{
		begin, say("Enter this registration code: %s", token.Token),
		say("It works once, on one device, until %s.", views.Moment(ctx, token.Until.Time(), web.Zone(c))),
		say("Then come to a counter with the device and your ID document."),
	}, "\n")
}

// AddToken makes an initial access token: POST /admin/registration-tokens. The page that
// it leads to shows it, this once.
func (h *Admin) AddToken(c echo.Context) error {
	form := readForm(c)
	days, wrong := checkToken(form)
	if len(wrong) > 0 {
		return h.mend(c, form, wrong)
	}
	made, token, err := h.app.Store.AddRegistrationToken(c.Request().Context(), models.NewRegistrationToken{
		SessionID: web.SessionOf(c).ID, Note: form.Remark, Lifetime: time.Duration(days) * hoursOfADay,
	})
	if err != nil {
		return err
	}
	if _, err := h.app.Keep(c, keptToken, newToken{token, made.ExpiresAt}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathPublishers)
}

// RevokeToken takes an unused one back: POST /admin/registration-tokens/:id/revoke.
func (h *Admin) RevokeToken(c echo.Context) error {
	if err := h.app.Store.RevokeRegistrationToken(c.Request().Context(), web.SessionOf(c).ID, c.Param("id")); err != nil {
		return err
	}
	return h.done(c, console.TokenRevoked)
}

func (h *Admin) addTokens(c echo.Context, props *views.PublishersProps) error {
	tokens, err := h.app.Store.RegistrationTokens(c.Request().Context())
	now, zone := h.app.Store.Now(), web.Zone(c)
	for _, token := range tokens {
		state := token.State(now)
		props.Tokens = append(props.Tokens, views.TokenRow{
			ID: token.ID, Remark: token.Note, State: tokenState(c.Request().Context(), state), MayRevoke: state == models.TokenUnused,
			MadeAt: views.Moment(c.Request().Context(), token.CreatedAt.Time(), zone),
			Until:  views.Moment(c.Request().Context(), token.ExpiresAt.Time(), zone),
		})
	}
	return err
}

func tokenState(ctx context.Context, state string) string {
	switch state {
	case models.TokenUnused:
		return views.Say(ctx, "unused")
	case models.TokenUsed:
		return views.Say(ctx, "used")
	case models.TokenExpired:
		return views.Say(ctx, "expired")
	case models.TokenRevoked:
		return views.Say(ctx, "revoked")
	}
	return state
}
