package demoprovider

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"countersign/views"
)

const (
	sessionCookie = "demonstration-provider"
	maxSessions   = 1000
)

// session is what the provider remembers of a browser: who was chosen in it, and when.
type session struct {
	subject  string
	authTime time.Time

	tooOld bool // for the request at hand; not kept
}

// since is this browser's session as a request judges it; empty when there is none.
func (p *Provider) since(r *http.Request, asked request) session {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	now := p.sessions[cookieOf(r)]
	if age, ok := asked.maxAge(); ok && now.subject != "" {
		now.tooOld = p.config.Now().Sub(now.authTime) > age
	}
	if asked.Get("prompt") == "login" {
		now.tooOld = now.subject != ""
	}
	return now
}

// signIn begins this browser's session, or goes on with it where the same person was
// chosen and nothing fresher is asked for (OpenID Connect Core 1.0 §3.1.2.1,
// max_age). It returns the auth_time.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request, asked request, person Person) (time.Time, error) {
	if now := p.since(r, asked); now.subject == person.Subject && !now.tooOld {
		return now.authTime, nil
	}
	id, err := p.secret()
	if err != nil {
		return time.Time{}, err
	}
	begun := session{subject: person.Subject, authTime: p.config.Now()}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.sessions, cookieOf(r))
	for old := range p.sessions {
		if len(p.sessions) < maxSessions {
			break
		}
		delete(p.sessions, old)
	}
	p.sessions[id] = begun
	p.setCookie(w, id)
	return begun.authTime, nil
}

func cookieOf(r *http.Request) string {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// setCookie keeps the session's id in the browser; "" removes it.
func (p *Provider) setCookie(w http.ResponseWriter, id string) {
	cookie := &http.Cookie{Name: sessionCookie, Value: id, Path: p.path + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if id == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// askToEnd asks whether to sign out here too. Without an ID token as a hint the question
// has to be asked (RP-Initiated Logout 1.0 §2); it changes nothing.
func (p *Provider) askToEnd(w http.ResponseWriter, r *http.Request) {
	now := p.since(r, request{})
	if now.subject == "" {
		p.leave(w, r, r.URL.Query())
		return
	}
	props := views.DemoSignOutProps{Action: p.path + "/end-session"}
	for _, person := range p.config.People {
		if person.Subject == now.subject {
			props.Name = person.Name
		}
	}
	for _, name := range []string{"client_id", "post_logout_redirect_uri", "state"} {
		props.Hidden = append(props.Hidden, views.HiddenField{Name: name, Value: r.URL.Query().Get(name)})
	}
	p.signOutPage(w, r, props)
}

// endSession forgets this browser.
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	p.mutex.Lock()
	delete(p.sessions, cookieOf(r))
	p.mutex.Unlock()
	p.setCookie(w, "")
	p.leave(w, r, r.PostForm)
}

// leave goes back to the console, or says that the sign-out is done where the request
// names no address that is known (RP-Initiated Logout 1.0 §3).
func (p *Provider) leave(w http.ResponseWriter, r *http.Request, asked url.Values) {
	back := asked.Get("post_logout_redirect_uri")
	if asked.Get("client_id") != p.config.ClientID || back != p.config.PostLogoutRedirectURI {
		p.signOutPage(w, r, views.DemoSignOutProps{Done: true})
		return
	}
	if state := asked.Get("state"); state != "" {
		back += "?" + url.Values{"state": {state}}.Encode()
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (p *Provider) signOutPage(w http.ResponseWriter, r *http.Request, props views.DemoSignOutProps) {
	var page bytes.Buffer
	if err := views.DemoSignOutPage(p.frame(r, views.Say(r.Context(), "Sign out there too")), props).Render(r.Context(), &page); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}
