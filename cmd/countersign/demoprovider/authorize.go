package demoprovider

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/static"
	"countersign/views"
)

const (
	codeLifetime = time.Minute
	maxCodes     = 1000 // that wait to be traded
)

// grant is what a code stands for.
type grant struct {
	person    Person
	nonce     string
	challenge string // PKCE, S256
	authTime  time.Time
	expires   time.Time
}

// request holds the parameters of an authorization request (OpenID Connect Core
// §3.1.2.1, RFC 7636 §4.3) that travel through the page.
type request struct{ url.Values }

var carried = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
	"max_age", "prompt",
}

// trusted says whether an answer may be sent to the redirect URI at all.
func (p *Provider) trusted(r request) bool {
	return r.Get("client_id") == p.config.ClientID && r.Get("redirect_uri") == p.config.RedirectURI
}

// refusal is the error code for a request that cannot be granted, "" for a good one.
func (r request) refusal() string {
	for _, name := range carried {
		if len(r.Values[name]) > 1 {
			return "invalid_request"
		}
	}
	switch {
	case r.Get("response_type") != "code":
		return "unsupported_response_type"
	case !slices.Contains(strings.Fields(r.Get("scope")), "openid"):
		return "invalid_scope"
	case r.Get("code_challenge_method") != "S256", len(r.Get("code_challenge")) != 43, r.Get("state") == "":
		return "invalid_request"
	case r.Get("prompt") == "none":
		return "interaction_required" // the page always asks
	}
	if _, ok := r.maxAge(); !ok && r.Get("max_age") != "" {
		return "invalid_request"
	}
	return ""
}

// maxAge is how old a sign-in may be; false when the request does not say.
func (r request) maxAge() (time.Duration, bool) {
	seconds, err := strconv.ParseUint(r.Get("max_age"), 10, 31)
	return time.Duration(seconds) * time.Second, err == nil
}

// ask shows the people to choose from. It changes nothing.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	asked := request{r.URL.Query()}
	if !p.trusted(asked) {
		http.Error(w, "This provider serves the demonstration's own console only.", http.StatusBadRequest)
		return
	}
	if code := asked.refusal(); code != "" {
		p.back(w, r, asked, url.Values{"error": {code}})
		return
	}
	var page bytes.Buffer
	if err := views.DemoSignInPage(p.frame(r, views.Say(r.Context(), "Choose who to be")),
		p.props(r.Context(), asked, p.since(r, asked))).Render(r.Context(), &page); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}

func (p *Provider) frame(r *http.Request, title string) views.Frame {
	return views.Frame{
		Title: title, Path: r.URL.RequestURI(), Demonstration: true,
		StylesheetURL: static.URL("app.css"), FaviconURL: static.URL("favicon.svg"),
	}
}

func (p *Provider) props(ctx context.Context, asked request, now session) views.DemoSignInProps {
	props := views.DemoSignInProps{Action: p.path + "/authorize", FieldName: "person", Again: now.tooOld}
	for _, name := range carried {
		props.Hidden = append(props.Hidden, views.HiddenField{Name: name, Value: asked.Get(name)})
	}
	for _, person := range p.config.People {
		var roles []string
		for _, role := range person.Roles {
			roles = append(roles, views.RoleName(ctx, role))
		}
		shown := views.DemoPerson{Value: person.Subject, Name: person.Name, Role: strings.Join(roles, ", ")}
		if person.Note != "" {
			shown.Note = views.Say(ctx, person.Note)
		}
		props.People = append(props.People, shown)
	}
	return props
}

// choose makes a code for the chosen person and sends the browser back with it.
func (p *Provider) choose(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	asked := request{r.PostForm}
	i := slices.IndexFunc(p.config.People, func(person Person) bool { return person.Subject == asked.Get("person") })
	if !p.trusted(asked) || asked.refusal() != "" || i < 0 {
		http.Error(w, "This form does not come from the demonstration's own page.", http.StatusBadRequest)
		return
	}
	authTime, err := p.signIn(w, r, asked, p.config.People[i])
	if err != nil {
		http.Error(w, "no session could be made", http.StatusInternalServerError)
		return
	}
	code, err := p.issue(asked, p.config.People[i], authTime)
	if err != nil {
		http.Error(w, "no code could be made", http.StatusInternalServerError)
		return
	}
	p.back(w, r, asked, url.Values{"code": {code}})
}

// issue keeps a grant for its code.
func (p *Provider) issue(asked request, person Person, authTime time.Time) (string, error) {
	code, err := p.secret()
	if err != nil {
		return "", err
	}
	now := p.config.Now()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for old, g := range p.codes {
		if !now.Before(g.expires) || len(p.codes) >= maxCodes {
			delete(p.codes, old)
		}
	}
	p.codes[code] = grant{person, asked.Get("nonce"), asked.Get("code_challenge"), authTime, now.Add(codeLifetime)}
	return code, nil
}

// back redirects to the one redirect URI, with state and iss (RFC 9207).
func (p *Provider) back(w http.ResponseWriter, r *http.Request, asked request, answer url.Values) {
	answer.Set("state", asked.Get("state"))
	answer.Set("iss", p.config.Issuer)
	http.Redirect(w, r, p.config.RedirectURI+"?"+answer.Encode(), http.StatusSeeOther)
}
