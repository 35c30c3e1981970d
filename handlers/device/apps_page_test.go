package device_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

// docs/apps.md: every request of the page, in its order, made of the page and of a key alone, is
// answered as the page says; the operator takes the square that the page describes.
func TestAppsPage(t *testing.T) {
	t.Parallel()
	s, given := appsServer(t)
	page, err := parseAppsPage(readAppsPage(t))
	if err == nil {
		err = runAppsPage(t, s, page, given)
	}
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	for _, step := range page.steps {
		if step.request != nil {
			requests++
		}
	}
	if requests < 11 || len(page.jwts) != 3 {
		t.Errorf("only %d requests and %d JWTs", requests, len(page.jwts))
	}
}

// appsServer is a server for the page, and what an app has from its publisher.
func appsServer(t *testing.T) (*handlerstest.Server, map[string]string) {
	t.Helper()
	s := demanding(t)
	statement := publish(t, s)(nil)
	_, token, err := s.Store.AddRegistrationToken(t.Context(), models.NewRegistrationToken{Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return s, map[string]string{"software_statement": statement, "initial_access_token": token}
}

// runAppsPage does what the page says. An answer that follows another one is to the same request, sent again; each
// request has an answer.
func runAppsPage(t *testing.T, s *handlerstest.Server, page appsPage, given map[string]string) error {
	t.Helper()
	known, phone := serverNames(t), newPagePhone(s, page, given)
	sender, asked := phone, &pageMessage{start: "an answer before any request"}
	for i, step := range page.steps {
		var err error
		switch {
		case step.request != nil && (i+1 == len(page.steps) || page.steps[i+1].answer == nil):
			err = fmt.Errorf("%s: no answer stands below it", step.request.start)
		case step.request != nil:
			asked, err = step.request, step.request.checkNames(known)
		case step.answer != nil:
			err, sender = sender.exchange(asked, step.answer), phone
		case step.approve:
			err = phone.visit(t)
		case step.renew:
			phone.key, phone.next = phone.next, handlerstest.NewKey()
		case step.aside:
			sender = newPagePhone(s, page, given)
		default:
			s.Clock.Advance(step.wait)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exchange sends the request and compares what comes back with the page.
func (p *pagePhone) exchange(asked, want *pageMessage) error {
	request, err := p.request(asked)
	if err != nil {
		return fmt.Errorf("%s: %w", asked.start, err)
	}
	got := p.server.Do(request)
	if nonce := got.Header.Get(oauth.HeaderDPoPNonce); nonce != "" {
		p.values["dpop_nonce"] = nonce
	}
	if err := p.compare(want, got); err != nil {
		return fmt.Errorf("%s: %w; answered %d %s", asked.start, err, got.Status, got.Text)
	}
	return nil
}

func (p *pagePhone) compare(want *pageMessage, got handlerstest.Answer) error {
	for _, name := range renewed {
		if strings.Contains(want.body+fmt.Sprint(want.headers), "{"+name+"}") {
			delete(p.values, name)
		}
	}
	if status := fmt.Sprintf("HTTP/1.1 %d %s", got.Status, http.StatusText(got.Status)); status != want.start {
		return fmt.Errorf("the page says %s", want.start)
	}
	for _, header := range want.headers {
		if err := p.same(header[0], header[1], got.Header.Get(header[0])); err != nil {
			return err
		}
	}
	if want.body == "" {
		if got.Text != "" {
			return fmt.Errorf("the page says that there is no body")
		}
		return nil
	}
	var members map[string]any
	text := p.fill(want.body, nil)
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	return p.sameMembers(members, got.JSON)
}

// sameMembers compares an answer's members. One that is called … stands for more of them.
func (p *pagePhone) sameMembers(want, got map[string]any) error {
	_, more := want["…"]
	delete(want, "…")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if err := p.same(name, want[name], got[name]); err != nil {
			return err
		}
	}
	for name := range got {
		if _, told := want[name]; !told && !more {
			return fmt.Errorf("the page does not have the member %s", name)
		}
	}
	return nil
}

// renewed are the values that another answer may replace.
var renewed = []string{"dpop_nonce", "device_code", "user_code", "access_token", "refresh_token", "account_id", "binding_id"}

// same compares a value. A placeholder takes what was answered, and stands for it from then on.
func (p *pagePhone) same(name string, want, got any) error {
	if text, is := want.(string); is {
		text = p.fill(text, nil)
		if answered, is := got.(string); is && answered != "" && placeholder.FindString(text) == text && text != "" {
			p.values[strings.Trim(text, "{}")] = answered
			return nil
		}
		want = text
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("%s is %v, and on the page %v", name, got, want)
	}
	return nil
}

// visit is the operator's part: the square that the app shows, the document and the approval.
func (p *pagePhone) visit(t *testing.T) error {
	t.Helper()
	s, operator := p.server, p.server.Operator("Olga Operator")
	matched, err := p.match(t, operator)
	if err == nil {
		err = p.arrived(matched)
	}
	if err == nil {
		err = s.Store.Proof(t.Context(), operator.SessionID, matched.ID, handlerstest.Proof())
	}
	if err != nil {
		return err
	}
	shown, err := s.Store.Shown(t.Context(), matched.ID)
	if err == nil {
		_, err = s.Store.Approve(t.Context(), operator.SessionID, matched.ID, shown)
	}
	return err
}

func (p *pagePhone) match(t *testing.T, operator handlerstest.Staff) (matched models.DeviceAuthorization, err error) {
	t.Helper()
	square, err := p.square()
	if err != nil {
		return matched, err
	}
	proof, err := oauth.ParsePresenceProof(square)
	if err != nil {
		return matched, err
	}
	found, err := p.server.Store.FindByPresence(t.Context(), operator.SessionID, proof, models.KeyKnown)
	if err != nil {
		return matched, err
	}
	return p.server.Store.MatchPresence(t.Context(), operator.SessionID, found, proof, models.KeyKnown)
}

// arrived demands that what the request says of itself came as it stands on the page.
func (p *pagePhone) arrived(request models.DeviceAuthorization) error {
	for parameter, value := range map[string]string{
		oauth.ParamInstanceName: request.InstanceName, oauth.ParamInstanceDescription: request.InstanceDescription,
		oauth.ParamScope: request.Scope,
	} {
		if !strings.Contains(p.page.text, "\n"+parameter+"="+value+"\n") {
			return fmt.Errorf("%s arrived as %q", parameter, value)
		}
	}
	return nil
}

// checkNames refuses a parameter or a member that the server would ignore: a slip of the pen that no answer shows.
func (message *pageMessage) checkNames(known []string) error {
	for line := range strings.Lines(message.body) {
		name, _, named := strings.Cut(strings.TrimSpace(line), "=")
		if strings.HasPrefix(name, `"`) {
			name, _, named = strings.Cut(name[1:], `":`)
		}
		if named && !slices.Contains(known, name) {
			return fmt.Errorf("%s: the server knows no %s", message.start, name)
		}
	}
	return nil
}

// serverNames are the parameters and members that the server reads.
func serverNames(t *testing.T) []string {
	t.Helper()
	names := stringConstants(t, "../../oauth/parameters.go", "Param")
	for field := range reflect.TypeFor[oauth.ClientMetadata]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
