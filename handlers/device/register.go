package device

import (
	"errors"
	"mime"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// registrationAnswer is RFC 7591 §3.2.1 with RFC 7592 §3: everything that
// is registered, and how the client manages it. There is no secret, since a client proves
// itself with its key.
type registrationAnswer struct {
	ClientID          string `json:"client_id"`
	IssuedAt          int64  `json:"client_id_issued_at"` // Unix seconds
	RegistrationURI   string `json:"registration_client_uri"`
	RegistrationToken string `json:"registration_access_token"`
	oauth.ClientMetadata
}

// Register answers POST /register (RFC 7591 §3.1): a client instance with its own
// key. What the deployment asks for comes first, before a stranger makes the server look
// at anything: an initial access token, or a software statement.
//
// A client attestation (draft-ietf-oauth-attestation-based-client-auth) would be a third
// of these, beside the statement: docs/decisions/0013-who-may-register.md.
func (d *Device) Register(c echo.Context) error {
	ctx := c.Request().Context()
	token, err := web.BearerToken(c)
	if err != nil {
		return err
	}
	if err := d.Store.CheckInitialToken(ctx, token); err != nil {
		return refusedRegistration(err, token)
	}
	body, err := readJSON(c.Request())
	if err != nil {
		return err
	}
	registration, err := d.registration(c, body, models.Client{})
	if err != nil {
		return refusedRegistration(err, token)
	}
	registration.InitialToken, registration.Counted = token, d.StrangerOf(c).Counted
	client, err := d.Store.RegisterClient(ctx, registration)
	if err != nil {
		return refusedRegistration(err, token)
	}
	return d.answerRegistration(c, http.StatusCreated, client.Client, client.RegistrationToken)
}

// registration reads what a client wants registered: the statement first, whose values
// win, and the key last, which may have to be fetched. current is the client whose
// registration is replaced, if it is: to make the server fetch is then limited as a new
// registration is.
func (d *Device) registration(c echo.Context, body []byte, current models.Client) (models.Registration, error) {
	r := models.Registration{ServerScope: d.ScopeNames(), Address: web.AddressText(c)}
	statement, err := d.statement(c, body, current, &r)
	if err != nil {
		return r, err
	}
	metadata, refusal := oauth.ParseClientMetadata(body, statement)
	if refusal != nil {
		return r, refusal
	}
	if metadata.JWKSURI != "" {
		if err := d.mayFetch(c, current); err != nil {
			return r, err
		}
		keys, asked, err := d.FetchKey(web.Aside(c), metadata.JWKSURI, metadata.TokenEndpointAuthSigningAlg, current)
		if err != nil {
			return r, err
		}
		metadata.JWKS, r.KeyAsked = &keys, asked
	}
	r.Metadata = metadata
	return r, nil
}

// mayFetch holds a client that replaces its registration to a limit of its own; a new one
// was held to that of registrations by its route. Error: *models.TooManyError.
func (d *Device) mayFetch(c echo.Context, current models.Client) error {
	if current.ID == "" {
		return nil
	}
	return d.WithinLimit(c, web.KeyChanges)
}

// statement verifies the request's software statement, if there is one, by the keys of
// the publisher that it names (RFC 7591 §2.3, 3.1.1). One that an update repeats
// as it was verified is good for the same publisher's app, also when it has expired since
// or the publisher's keys have changed: RFC 7592 §2.2 wants every member repeated.
func (d *Device) statement(c echo.Context, body []byte, current models.Client, r *models.Registration) (oauth.SoftwareStatement, error) {
	raw, refusal := oauth.ReadSoftwareStatement(body)
	switch {
	case refusal != nil:
		return oauth.SoftwareStatement{}, refusal
	case raw == "" && d.Store.Policy().Registration == models.RegistrationStated:
		return oauth.SoftwareStatement{}, models.ErrStatementRequired
	case raw == "":
		return oauth.SoftwareStatement{}, nil
	case raw == current.SoftwareStatement && current.VerifiedPublisherID != nil:
		r.PublisherID, r.PresenceRequired = *current.VerifiedPublisherID, current.PresenceRequired
		statement, refusal := oauth.StatementAgain(raw)
		if refusal != nil {
			return oauth.SoftwareStatement{}, refusal
		}
		return statement, nil
	}
	name, refusal := oauth.StatementPublisher(raw)
	if refusal != nil {
		return oauth.SoftwareStatement{}, refusal
	}
	publisher, err := d.Store.PublisherByName(c.Request().Context(), name)
	if errors.Is(err, models.ErrNotFound) || err == nil && publisher.JWKS == "" {
		return oauth.SoftwareStatement{}, oauth.Errorf(oauth.ErrUnapprovedSoftwareStatement,
			"the statement's iss is no publisher whose statements this server accepts")
	}
	if err != nil {
		return oauth.SoftwareStatement{}, err
	}
	keys, err := publisher.Keys()
	if err != nil {
		return oauth.SoftwareStatement{}, err
	}
	statement, refusal := oauth.VerifySoftwareStatement(raw, keys, oauth.StatementRules{Issuer: d.Issuer, Now: d.Store.Now()})
	if refusal != nil {
		return oauth.SoftwareStatement{}, refusal
	}
	r.PublisherID, r.PresenceRequired = publisher.ID, statement.PresenceRequired
	return statement, nil
}

// answerRegistration tells everything that is registered now.
func (d *Device) answerRegistration(c echo.Context, status int, client models.Client, token string) error {
	metadata, err := client.Metadata()
	if err != nil {
		return err
	}
	return c.JSON(status, registrationAnswer{
		client.ID, client.CreatedAt.Seconds(), d.Issuer + oauth.PathClientConfiguration + client.ID, token, metadata,
	})
}

func readJSON(request *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(request.Header.Get("Content-Type")); err != nil || kind != echo.MIMEApplicationJSON {
		return nil, oauth.Errorf(oauth.ErrInvalidClientMetadata, "send the metadata as %s", echo.MIMEApplicationJSON)
	}
	return web.ReadMetadata(request)
}

func refusedRegistration(err error, token string) error {
	switch {
	case errors.Is(err, models.ErrInitialToken):
		return web.RefusedToken(token, "registering needs an initial access token that is neither used nor expired")
	case errors.Is(err, models.ErrStatementRequired):
		return oauth.Errorf(oauth.ErrInvalidSoftwareStatement, "registering here needs a software_statement of a registered publisher")
	case errors.Is(err, models.ErrSoftwareUnapproved):
		return oauth.Errorf(oauth.ErrUnapprovedSoftwareStatement, "this software_id is not registered here as one of the statement's publisher")
	case errors.Is(err, models.ErrKeyRegistered):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata,
			"this key is registered already: each instance makes its own key, and a new one when it registers again")
	case errors.Is(err, models.ErrStaleKey):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata, "the key at jwks_uri was replaced a moment ago; try again in a minute")
	case errors.Is(err, models.ErrSoftwareChanged):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata, "software_id cannot change: register again as the other software")
	case errors.Is(err, models.ErrSoftwareNotListed):
		return oauth.Errorf(oauth.ErrInvalidClientMetadata,
			"this software_id is not registered here: the app's publisher has to ask the operator of this server to add it")
	}
	var refusal *oauth.Error
	if errors.As(err, &refusal) {
		return refusal // without what is for the log only
	}
	return err
}
