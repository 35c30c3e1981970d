package counter

import (
	"net/http"

	"countersign/handlers/web"

	"github.com/labstack/echo/v4"
)

type provider struct{}

func newProvider(*web.App) *provider { return &provider{} }

func later(echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) }

// SignInPage is not built yet.
func (h *Console) SignInPage(c echo.Context) error { return later(c) }

// BeginSignIn is not built yet.
func (h *Console) BeginSignIn(c echo.Context) error { return later(c) }

// FinishSignIn is not built yet.
func (h *Console) FinishSignIn(c echo.Context) error { return later(c) }

// SignOut is not built yet.
func (h *Console) SignOut(c echo.Context) error { return later(c) }

// OpenCounterPage is not built yet.
func (h *Console) OpenCounterPage(c echo.Context) error { return later(c) }

// OpenCounter is not built yet.
func (h *Console) OpenCounter(c echo.Context) error { return later(c) }

// Counter is not built yet.
func (h *Console) Counter(c echo.Context) error { return later(c) }

// Search is not built yet.
func (h *Console) Search(c echo.Context) error { return later(c) }

// Account is not built yet.
func (h *Console) Account(c echo.Context) error { return later(c) }

// Match is not built yet.
func (h *Console) Match(c echo.Context) error { return later(c) }

// ProofPage is not built yet.
func (h *Console) ProofPage(c echo.Context) error { return later(c) }

// Proof is not built yet.
func (h *Console) Proof(c echo.Context) error { return later(c) }

// DecidePage is not built yet.
func (h *Console) DecidePage(c echo.Context) error { return later(c) }

// Approve is not built yet.
func (h *Console) Approve(c echo.Context) error { return later(c) }

// DeclinePage is not built yet.
func (h *Console) DeclinePage(c echo.Context) error { return later(c) }

// Decline is not built yet.
func (h *Console) Decline(c echo.Context) error { return later(c) }

// Release is not built yet.
func (h *Console) Release(c echo.Context) error { return later(c) }

// Receipt is not built yet.
func (h *Console) Receipt(c echo.Context) error { return later(c) }
