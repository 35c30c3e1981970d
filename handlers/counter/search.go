package counter

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// longestTyped is how much of what was typed is shown again.
const longestTyped = 100

// lastSearch is what the page of the results is made of. Names are looked up again, so
// that the page shows what is true now.
type lastSearch struct {
	Typed   string
	Problem searchProblem // why nothing was found, "" when something was
	Found   []foundAccount
	More    bool
}

// searchProblem is why a search found nothing: kept as a word, and said in the language
// that the page is read in.
type searchProblem string

const (
	nothingTyped searchProblem = "nothing typed"
	tooShort     searchProblem = "too short"
	isDocument   searchProblem = "document"
	isCode       searchProblem = "code"
	noAccount    searchProblem = "no account"
	unread       searchProblem = "unread"
	keyUnchecked searchProblem = "key unchecked"
	noRequest    searchProblem = "no request"
)

func (p searchProblem) words(ctx context.Context) string {
	switch p {
	case nothingTyped:
		return views.Say(ctx, "Type or scan an account identifier.")
	case tooShort:
		return views.Say(ctx, "Type at least 3 characters of the identifier.")
	case isDocument:
		return views.Say(ctx, "That is an ID document. Find the request first.")
	case isCode:
		return views.Say(ctx, "That looks like the code. Find the account first.")
	case noAccount:
		return views.Say(ctx, "No account has this identifier. Ask the customer how they sign in, and check what was typed.")
	case unread:
		return presenceProblem(ctx, console.PresenceUnread)
	case keyUnchecked:
		return presenceProblem(ctx, console.PresenceUnchecked)
	}
	return views.Say(ctx, "No waiting request has this QR code. It may have expired: ask the customer what the screen says.")
}

type foundAccount struct{ ID, Identifier string }

// Counter is the page where a visit begins: GET /counter.
func (h *Console) Counter(c echo.Context) error {
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Find the customer’s account"), views.SectionCounter)
	work, err := h.work(c)
	if err != nil {
		return err
	}
	mayApprove, err := h.app.Store.MayApprove(c.Request().Context(), web.SessionOf(c).Staff)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.CounterPage(frame, views.CounterProps{Work: work, AccountUnknown: !mayApprove}))
}

// Search finds accounts: POST /counter/search. One account leads straight to its page,
// everything else to the results, without what was typed in their address: an
// identifier has no place there (docs/protocol.md §6 secrets-told).
func (h *Console) Search(c echo.Context) error {
	typed := strings.TrimSpace(web.Field(c, "identifier"))
	if problem := notToSearch(typed, h.app.Store.Now()); problem != "" {
		return h.showSearch(c, lastSearch{Problem: problem})
	}
	if len(typed) > longestTyped && oauth.LooksLikePresenceProof(typed) {
		return h.searchByPresence(c, typed)
	}
	result, err := h.app.Store.Search(c.Request().Context(), web.SessionOf(c).ID, typed)
	last := lastSearch{Typed: console.FirstRunes(typed, longestTyped), More: result.More}
	_, code := oauth.FindUserCode(typed)
	if code { // a code is kept nowhere, not even where it found something
		last.Typed = ""
	}
	switch {
	case errors.Is(err, models.ErrSearchTooShort):
		last.Problem = tooShort
	case err != nil:
		return err
	case len(result.Accounts) == 1 && result.Exact:
		return c.Redirect(http.StatusSeeOther, views.AccountPath(result.Accounts[0].ID))
	case len(result.Accounts) == 0 && code:
		last.Problem = isCode
	case len(result.Accounts) == 0:
		last.Problem = noAccount
	}
	for _, found := range result.Accounts {
		last.Found = append(last.Found, foundAccount{found.ID, found.Identifier})
	}
	return h.showSearch(c, last)
}

// searchByPresence finds account and request by one scan of the customer's screen, and
// matches. What was scanned is never shown again.
func (h *Console) searchByPresence(c echo.Context, typed string) error {
	proof, err := oauth.ParsePresenceProof(typed)
	if err != nil {
		return h.showSearch(c, lastSearch{Problem: unread})
	}
	key, err := h.app.RefreshPresenceKey(c.Request().Context(), proof)
	if err != nil {
		return err
	}
	account, err := h.app.Store.FindByPresence(c.Request().Context(), web.SessionOf(c).ID, proof, key)
	if errors.Is(err, models.ErrNotFound) && key == models.KeyUnchecked {
		return h.showSearch(c, lastSearch{Problem: keyUnchecked})
	}
	if errors.Is(err, models.ErrNotFound) {
		return h.showSearch(c, lastSearch{Problem: noRequest})
	}
	if err != nil {
		return err
	}
	return h.matchPresenceBy(c, account, proof, key)
}

// notToSearch returns why nothing is looked for, "" when something is.
func notToSearch(typed string, now time.Time) searchProblem {
	switch {
	case typed == "":
		return nothingTyped
	case document.LooksLike(typed, now): // nothing of it is to be kept, or shown again
		return isDocument
	}
	return ""
}

// showSearch leads to the results. A list that is too long to be kept is cut.
func (h *Console) showSearch(c echo.Context, last lastSearch) error {
	for {
		kept, err := h.app.Keep(c, console.KeptSearch, last)
		if err != nil {
			return err
		}
		if kept || len(last.Found) == 0 {
			return c.Redirect(http.StatusSeeOther, views.PathSearch)
		}
		last.Found, last.More = last.Found[:len(last.Found)-1], true
	}
}

// Found shows what the session's last search found: GET /counter/search.
func (h *Console) Found(c echo.Context) error {
	var last lastSearch
	if !h.app.Kept(c, console.KeptSearch, &last) {
		return c.Redirect(http.StatusSeeOther, views.PathCounter)
	}
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Find the customer’s account"), views.SectionCounter)
	props := views.CounterProps{Identifier: last.Typed}
	if last.Problem != "" {
		frame.Errors = []views.FieldError{{Field: "identifier", Message: last.Problem.words(c.Request().Context())}}
		work, err := h.work(c)
		if err != nil {
			return err
		}
		props.Work = work
		return web.Render(c, http.StatusOK, views.CounterPage(frame, props))
	}
	props.Searched, props.More = true, last.More
	for _, found := range last.Found {
		account, err := h.app.Store.AccountRecord(c.Request().Context(), found.ID)
		if errors.Is(err, models.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		waiting, err := h.app.Store.Waiting(c.Request().Context(), found.ID)
		if err != nil {
			return err
		}
		props.Accounts = append(props.Accounts, accountResult(c.Request().Context(), account, found.Identifier, waiting))
	}
	frame.Title = views.Say(c.Request().Context(), "%d accounts found", len(props.Accounts))
	return web.Render(c, http.StatusOK, views.CounterPage(frame, props))
}

func accountResult(ctx context.Context, account models.AccountView, identifier string, waiting int) views.AccountResult {
	return views.AccountResult{
		ID: account.ID, Identifier: identifier, Initials: console.Initials(account.FullName),
		Status:    views.AccountStatus(ctx, account.Status),
		NotActive: account.Status != models.AccountActive, Waiting: waiting,
	}
}
