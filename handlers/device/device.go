package device

import (
	"strings"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/protectedresource"
)

// pacedRequests is how many requests a process remembers the polling pace of at most, 30 MB.
const pacedRequests = 2_000_000

// Device has the endpoints as methods.
type Device struct {
	*web.App
	pacer     *oauth.Pacer    // of pending requests, by device authorization
	load      *oauth.PollLoad // of this process
	decisions *decisions      // for the pages that wait for one
	sample    *protectedresource.Resource
}

// New makes the endpoints of one process.
func New(app *web.App) *Device {
	return &Device{App: app, pacer: oauth.NewPacer(pacedRequests, app.Store.Policy().PendingWindow),
		load:      oauth.NewPollLoad(app.Store.Now()),
		decisions: newDecisions(app.Store, app.Log), sample: sampleAPI(app)}
}

// interval is what a new request is told to wait between its polls: longer, the more phones poll this process.
func (d *Device) interval() time.Duration {
	return oauth.PollInterval(d.Store.Policy().Interval, d.load.Pollers(d.Store.Now()), d.PollsPerSecond())
}

// checkGrant refuses a grant that the client did not register (RFC 6749 §5.2).
func checkGrant(client models.Client, grant string) error {
	for registered := range strings.FieldsSeq(client.GrantTypes) {
		if registered == grant {
			return nil
		}
	}
	return oauth.Errorf(oauth.ErrUnauthorizedClient, "this client did not register the grant type %s", grant)
}
