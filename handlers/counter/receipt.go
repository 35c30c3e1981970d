package counter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Receipt is the durable page about a decision: GET /counter/visits/:id/receipt. Any
// operator at a counter may open it, since the customer may come back to another one; a person who has
// just decided reads it at once.
// Its times are those of the counter that decided. Error: models.ErrNotFound when
// nobody decided.
func (h *Console) Receipt(c echo.Context) error {
	ctx := c.Request().Context()
	request, err := h.app.Store.Request(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if open, err := h.receiptOpened(c, request); err != nil || !open {
		return err
	}
	binding, err := h.app.Store.BindingOf(ctx, request.ID)
	if errors.Is(err, models.ErrNotFound) {
		return h.declined(c, request)
	}
	if err != nil {
		return err
	}
	props, err := h.receipt(c, request, binding)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, views.Say(ctx, "Receipt %s", props.Number), views.SectionCounter)
	props.MayRecall = h.app.Store.MayRecall(web.SessionOf(c), request)
	if h.app.Store.MaySeeBindings(ctx, web.SessionOf(c), binding.AccountID) {
		props.DevicesOf = binding.AccountID
	}
	tellReceipt(c, &frame, h.app.Told(c), props.MayRecall)
	if props.MayLabel {
		props.Label = h.app.LabelField(c, binding, &frame)
	}
	return web.Render(c, http.StatusOK, views.ReceiptPage(frame, props))
}

// ReceiptFile is what Receipt is about, as a file: GET /counter/visits/:id/receipt/file. Whoever may read the one may have the other.
func (h *Console) ReceiptFile(c echo.Context) error {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if open, err := h.receiptOpened(c, request); err != nil || !open {
		return err
	}
	return console.SendReceipt(c, h.app.Store, request.ID)
}

// receiptOpened is opened for the page of a decision. Error: models.ErrNotFound when nobody decided.
func (h *Console) receiptOpened(c echo.Context, request models.RequestView) (bool, error) {
	if request.AccountID == nil || request.DecidedStaffID == nil {
		return false, models.ErrNotFound
	}
	return h.opened(c, request, pageReceipt)
}

// tellReceipt words what was just done, or is to mend.
func tellReceipt(c echo.Context, frame *views.Frame, word console.Word, mayRecall bool) {
	switch {
	case word == console.Labelled:
		frame.Notice = console.LabelledNotice(c)
	case word == console.Recalled:
		frame.Notice = views.Say(c.Request().Context(), "The approval is taken back. The device will be told no.")
	case word == console.NoReason && mayRecall:
		frame.Errors = []views.FieldError{{Field: "reason", Message: views.Say(c.Request().Context(), "Choose a reason.")}}
	}
}

func (h *Console) receipt(c echo.Context, request models.RequestView, binding models.Binding) (views.ReceiptProps, error) {
	ctx := c.Request().Context()
	account, err := h.app.Store.PlainAccount(ctx, binding.AccountID)
	if err != nil {
		return views.ReceiptProps{}, err
	}
	counter, err := h.counterOf(c, deref(request.DecidedCounterID))
	if err != nil {
		return views.ReceiptProps{}, err
	}
	entry, err := h.app.Store.DecisionEntry(ctx, request.ID)
	if err != nil {
		return views.ReceiptProps{}, err
	}
	proofing, err := h.app.Store.ProofingOf(ctx, request.DeviceAuthorization)
	if err != nil {
		return views.ReceiptProps{}, err
	}
	zone := counter.Location()
	heading, since := changedSince(ctx, request, binding, zone)
	return views.ReceiptProps{
		Heading: heading, Number: receiptNumber(entry.Seq), ApprovedAt: views.Moment(ctx, binding.CreatedAt.Time(), zone),
		CounterName: counter.Name, CounterAddress: counter.Address, AccountName: account.FullName,
		App: request.ClientName, Publisher: request.PublisherName, PublisherVerified: request.Verified, DeviceName: request.InstanceName,
		Scopes: h.app.ScopeFacts(ctx, binding.Scope), RedeemBy: views.MomentOffset(ctx, request.RedeemUntil.Time(), zone),
		Presence: presenceWords(ctx, request.DeviceAuthorization), LogPosition: views.Say(ctx, "Entry %s", strconv.FormatInt(entry.Seq, 10)),
		LogHash: entry.LeafHash(),
		Changed: since, ConnectedAt: views.Moment(ctx, binding.RedeemedAt.Time(), zone),
		Read: proofing.DocumentRead, Called: changedLabel(request, binding), MayLabel: mayLabel(c, request, binding), Visit: request.ID,
	}, nil
}

// counterOf finds the counter that decided: mostly the one that the session has open.
func (h *Console) counterOf(c echo.Context, id string) (models.Counter, error) {
	if here := web.SessionOf(c).Counter; here != nil && here.ID == id {
		return *here, nil
	}
	return h.app.Store.Counter(c.Request().Context(), id)
}

// presenceWords begin as the trail has it: "Proved" or "Code only".
func presenceWords(ctx context.Context, d models.DeviceAuthorization) string {
	if d.PresenceShown() == models.PresenceProved {
		return views.Say(ctx, "Proved: the device showed at the counter that it holds its key")
	}
	return views.Say(ctx, "Code only")
}

// receiptNumber returns the number of the approval's entry in the trail, where a supervisor
// looks it up. It is short enough to be said aloud.
func receiptNumber(seq int64) string { return fmt.Sprintf("%04d-%04d", seq/10000, seq%10000) }

// changedSince says what has become of the approval since, "" as long as it stands.
func changedSince(ctx context.Context, request models.RequestView, binding models.Binding, zone *time.Location) (heading, since string) {
	say := views.Speaker(ctx)
	at := func(instant models.Instant) string { return views.Moment(ctx, instant.Time(), zone) }
	switch {
	case binding.RevokeReason == models.EndedUnused:
		return say("Connection ended"), say("The connection ended on %s: the device was not used for long.", at(binding.RevokedAt))
	case binding.RevokeReason == models.EndedByTime:
		return say("Connection ended"), say("The connection ended on %s: its time was over.", at(binding.RevokedAt))
	case binding.RevokedAt != 0 && binding.RedeemedAt == 0:
		return say("Approval taken back"), say("Taken back on %s. The device was never connected.", at(binding.RevokedAt))
	case binding.RevokedAt != 0:
		return say("Device disconnected"), say("Disconnected on %s.", at(binding.RevokedAt))
	case request.Phase == models.Lapsed:
		return say("Approval not used"), say("Not used by %s. The device was never connected; it has to start again.", at(request.RedeemUntil))
	}
	return "", ""
}
