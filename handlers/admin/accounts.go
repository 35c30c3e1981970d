package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptAccounts names the cookie of the last search for accounts: identifiers have no
// place in an address (docs/protocol.md §6 secrets-told).
const keptAccounts = "accounts"

type accountsSearch struct {
	Typed   string
	Problem bool // too little was typed
	Card    bool // an ID document was
	Found   []foundAccount
	More    bool
}

type foundAccount struct{ ID, Identifier string }

// Accounts is the page to find accounts and to import them: GET /admin/accounts.
func (h *Admin) Accounts(c echo.Context) error {
	ctx := c.Request().Context()
	frame := h.frame(c, views.Say(c.Request().Context(), "Accounts"))
	importing, err := h.app.Store.LastImport(ctx)
	if err != nil {
		return err
	}
	props := views.AccountsProps{Importing: importing.ID != "" && !importing.Finished}
	var last accountsSearch
	if !h.app.Kept(c, keptAccounts, &last) {
		return web.Render(c, http.StatusOK, views.AccountsPage(frame, props))
	}
	props.Identifier, props.Searched, props.More = last.Typed, !last.Problem, last.More
	if last.Problem {
		h.app.Forget(c, keptAccounts)
		message := views.Say(ctx, "Type at least 3 characters of the identifier.")
		if last.Card {
			message = views.Say(ctx, "That is an ID document, and no account identifier.")
		}
		frame.Errors = append(frame.Errors, views.FieldError{Field: "identifier", Message: message})
	}
	for _, found := range last.Found {
		account, err := h.app.Store.AccountRecord(ctx, found.ID)
		if errors.Is(err, models.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		props.Accounts = append(props.Accounts, views.AccountRow{
			ID: account.ID, Identifier: found.Identifier, Initials: console.Initials(account.FullName),
			Status: views.AccountStatus(ctx, account.Status), NotActive: account.Status != models.AccountActive,
		})
	}
	return web.Render(c, http.StatusOK, views.AccountsPage(frame, props))
}

// SearchAccounts finds accounts: POST /admin/accounts. A whole identifier leads straight to the account.
func (h *Admin) SearchAccounts(c echo.Context) error {
	const longestTyped = 100
	typed := strings.TrimSpace(web.Field(c, "identifier"))
	if document.LooksLike(typed, h.app.Store.Now()) { // nothing of it is to be searched, kept or shown again
		if _, err := h.app.Keep(c, keptAccounts, accountsSearch{Problem: true, Card: true}); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.PathAccounts)
	}
	result, err := h.app.Store.SearchAccounts(c.Request().Context(), web.SessionOf(c).ID, typed)
	last := accountsSearch{Typed: console.Shortened(typed, longestTyped), More: result.More, Problem: errors.Is(err, models.ErrSearchTooShort)}
	if err != nil && !last.Problem {
		return err
	}
	if result.Exact && len(result.Accounts) == 1 {
		return c.Redirect(http.StatusSeeOther, views.AccountSettingsPath(result.Accounts[0].ID))
	}
	for _, found := range result.Accounts {
		last.Found = append(last.Found, foundAccount{found.ID, found.Identifier})
	}
	for { // what is too long to be kept is cut
		kept, err := h.app.Keep(c, keptAccounts, last)
		if err != nil {
			return err
		}
		if kept || len(last.Found) == 0 {
			return c.Redirect(http.StatusSeeOther, views.PathAccounts)
		}
		last.Found, last.More = last.Found[:len(last.Found)-1], true
	}
}

// Account is the page about one account: GET /admin/accounts/:id.
func (h *Admin) Account(c echo.Context) error {
	ctx := c.Request().Context()
	open, err := h.app.Opened(c, c.Param("id"), views.ClosedRecordProps{
		Section: views.SectionAdmin, OpenURL: views.AdminOpenRecordPath(c.Param("id")), SearchURL: views.PathAccounts,
	})
	if err != nil || !open {
		return err
	}
	account, err := h.app.Store.AccountRecord(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	props := views.AccountSettingsProps{
		ID: account.ID, Name: account.FullName, LatinName: account.LatinName, Contact: account.Contact,
		Language:  h.noticeLanguage(account.Language),
		BirthDate: views.Day(ctx, account.DateOfBirth), Identifiers: account.Identifiers,
		Status: views.AccountStatus(ctx, account.Status), NotActive: account.Status != models.AccountActive,
		MaySuspend: account.Status == models.AccountActive, MayReinstate: account.Status == models.AccountSuspended,
		Presence: account.PresenceRequired, TwoPerson: account.TwoPersonRequired,
	}
	if account.ErasedAt != 0 {
		props.Erased, props.Name = true, views.Say(ctx, "Erased on %s", views.Day(ctx, account.ErasedAt.Time().UTC().Format(time.DateOnly)))
	}
	props.Reasons = views.SuspendReasons(ctx)
	if props.MayReinstate {
		props.Reasons = views.ReinstateReasons(ctx)
	}
	return web.Render(c, http.StatusOK, views.AccountSettingsPage(h.frame(c, props.Name), props))
}

// noticeLanguage returns the name of the language that an account's notices are in: the nearest that there is to its own.
func (h *Admin) noticeLanguage(wanted string) string {
	return h.languageWords(h.app.Words.MatchOr(h.app.NoticeLanguage, wanted))
}

// OpenRecord opens the record of an account to this session: POST /admin/accounts/:id/open.
func (h *Admin) OpenRecord(c echo.Context) error {
	id := c.Param("id")
	err := h.app.Store.OpenRecord(c.Request().Context(), web.SessionOf(c).ID, id, models.Administrator, term.QueryResult)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.AccountSettingsPath(id))
}

// SuspendAccount suspends it: POST /admin/accounts/:id/suspend.
func (h *Admin) SuspendAccount(c echo.Context) error {
	return h.setStatus(c, term.Suspensions(), h.app.Store.SuspendAccount, console.AccountSuspended)
}

// ReinstateAccount makes it active again: POST /admin/accounts/:id/reinstate.
func (h *Admin) ReinstateAccount(c echo.Context) error {
	return h.setStatus(c, term.Reinstatements(), h.app.Store.ReinstateAccount, console.AccountReinstated)
}

func (h *Admin) setStatus(
	c echo.Context, reasons []term.StatusReason, set func(context.Context, string, string, term.StatusReason) error, done console.Word,
) error {
	id, reason := c.Param("id"), term.StatusReason(web.Field(c, "reason"))
	if !slices.Contains(reasons, reason) {
		return h.then(c, console.NoReason, views.AccountSettingsPath(id), nil)
	}
	return h.changed(c, id, done, set(c.Request().Context(), web.SessionOf(c).ID, id, reason))
}

// SetAccountRules says what its approvals need: POST /admin/accounts/:id/rules.
func (h *Admin) SetAccountRules(c echo.Context) error {
	id := c.Param("id")
	presence, twoPerson := web.Field(c, "presence") == "yes", web.Field(c, "two_person") == "yes"
	err := h.app.Store.SetAccountRules(c.Request().Context(), web.SessionOf(c).ID, id, presence, twoPerson)
	return h.changed(c, id, console.AccountRulesSaved, err)
}

// changed leads back to the account's page, with why it was not changed if it was not.
func (h *Admin) changed(c echo.Context, id string, word console.Word, err error) error {
	switch {
	case errors.Is(err, models.ErrOwnAccount):
		word, err = console.OwnAccount, nil
	case errors.Is(err, models.ErrChangedMeanwhile):
		word, err = console.ChangedMeanwhile, nil
	}
	return h.then(c, word, views.AccountSettingsPath(id), err)
}
