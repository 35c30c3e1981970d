package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// browserBegin is a Monday morning on which the counters are open.
var browserBegin = time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)

// browserDemo is a running demonstration whose clock the test moves.
type browserDemo struct {
	*demonstration
	t *testing.T

	mutex sync.Mutex
	clock time.Time
	runs  time.Time // since when the clock runs; zero: it stands still
}

// startBrowserDemo starts what the demo command starts, with a policy that the test may
// change. It ends with the test.
func startBrowserDemo(t *testing.T, change ...func(*models.Policy)) *browserDemo {
	t.Helper()
	d := &browserDemo{t: t, clock: browserBegin}
	env := d.environment(io.Discard)
	demo, err := startDemonstration(env, "127.0.0.1:0", demonstrationFolder(t), change...)
	if err != nil {
		t.Fatal(err)
	}
	d.demonstration = demo
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- demo.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := demo.close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// demonstrationFolder is one whose database is migrated, and holds nothing: what the demo command does next is all there is to do.
func demonstrationFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	key, err := newMasterKey(rand.Reader)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, demoMasterKeyFile), []byte(key+"\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	modelstest.MigratedAt(t, filepath.Join(folder, demoDatabaseFile))
	return folder
}

// environment is the world of a command that shares the demonstration's clock.
func (d *browserDemo) environment(screen io.Writer, args ...string) *Environment {
	return &Environment{
		Context: context.Background(), Args: args, Getenv: func(string) string { return "" },
		Stdin: strings.NewReader(""), Stdout: screen, Stderr: screen, Now: d.now, Wait: wait, Rand: rand.Reader,
	}
}

func (d *browserDemo) now() time.Time {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.runs.IsZero() {
		return d.clock
	}
	return d.clock.Add(time.Since(d.runs))
}

// run lets the clock run from now on, for a page whose own clock does.
func (d *browserDemo) run() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.runs = time.Now()
}

func (d *browserDemo) advance(by time.Duration) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.clock = d.clock.Add(by)
}

// software is one of the demonstration's registered apps, as a phone names itself.
type software struct{ name, id string }

var (
	harbourPocket  = software{"Harbour Pocket", "countersign-phone"}
	quaysideHealth = software{"Quayside Health", "quayside-health"}
	unlistedApp    = software{"Pocket Wallet Plus", "pocket-wallet-plus"}
)

// phone is a new phone that has asked for a code.
func (d *browserDemo) phone(app software, r deviceclient.Request) *deviceclient.Client {
	d.t.Helper()
	client := d.newPhone()
	d.asks(client, app, r)
	return client
}

func (d *browserDemo) newPhone() *deviceclient.Client {
	return &deviceclient.Client{Issuer: d.issuer, Now: d.now, Rand: rand.Reader}
}

// asks registers a phone's app and lets it ask for a code.
func (d *browserDemo) asks(phone *deviceclient.Client, app software, r deviceclient.Request) {
	d.t.Helper()
	ctx := d.t.Context()
	if err := phone.Register(ctx, deviceclient.Software{Name: app.name, ID: app.id, Version: "4.2"}); err != nil {
		d.t.Fatal(err)
	}
	if err := phone.RequestAuthorization(ctx, r); err != nil {
		d.t.Fatal(err)
	}
}

func codeOf(phone *deviceclient.Client) string { return phone.State.Authorization.UserCode.Reveal() }

// operatorAt is somebody else at a counter, without a browser.
func (d *browserDemo) operatorAt(name, counter string) *operatorBrowser {
	d.t.Helper()
	operator, err := newOperatorBrowser(d.issuer)
	if err == nil {
		err = operator.SignIn(d.t.Context(), name)
	}
	if err == nil {
		err = operator.OpenCounter(d.t.Context(), counter)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return operator
}

// signIn goes through the provider's page by the page's own forms.
func (b *tab) signIn(name string) {
	b.t.Helper()
	b.open(views.PathSignIn)
	b.submit("[action$='"+views.PathSignIn+"']", nil)
	b.click("button", name)
}

// atCounter signs an operator in and opens a counter.
func (b *tab) atCounter(name, counter string) {
	b.t.Helper()
	b.signIn(name)
	b.open(views.PathOpenCounter)
	b.choose("counter", counter)
	b.click("main button", "Start")
}

// submit fills in a form of the page, named by a selector, and sends it. It returns
// the status of the answer.
func (b *tab) submit(form string, values url.Values) int64 {
	b.t.Helper()
	script := fmt.Sprintf("const form = document.querySelector(%s);", quoteJS("form"+form))
	for name, value := range values {
		script += fmt.Sprintf("fill(form.elements[%s], %s);", quoteJS(name), quoteJS(value[0]))
	}
	const fill = `const fill = (field, value) => {
		if (field instanceof RadioNodeList) field.value = value;
		else if (field.type === "checkbox") field.checked = value !== "";
		else field.value = value;
	};`
	return b.run(fill + script + "form.requestSubmit();")
}

// click presses the button, or follows the link, whose words begin like this.
func (b *tab) click(selector, words string) int64 {
	b.t.Helper()
	return b.run(fmt.Sprintf(
		"[...document.querySelectorAll(%s)].find(e => e.textContent.trim().startsWith(%s)).click();", quoteJS(selector), quoteJS(b.said(words))))
}

// choose takes the radio button with this label.
func (b *tab) choose(name, label string) {
	b.t.Helper()
	evaluate[bool](b, fmt.Sprintf(
		"[...document.querySelectorAll('input[name=%s]')].find(e => e.labels[0].textContent.trim() === %s).checked = true", name, quoteJS(label)))
}

// run runs a script that leads to another page.
func (b *tab) run(script string) int64 {
	b.t.Helper()
	return b.load(loadedBy("(() => {" + script + "})()")).Status
}

// post sends a form that the page does not have.
func (b *tab) post(address string) int64 {
	b.t.Helper()
	return b.run(fmt.Sprintf(`const form = document.createElement("form");
		form.method = "post"; form.action = %s; document.body.append(form); form.submit();`, quoteJS(address)))
}

// search leads to the page of an account, and returns the account's id.
func (b *tab) search(identifier string) string {
	b.t.Helper()
	b.open(views.PathCounter)
	b.submit(".search", url.Values{"identifier": {identifier}})
	return path.Base(b.path())
}

// match leads from the account's page to the document's, and returns the visit's id.
func (b *tab) match(code string) string {
	b.t.Helper()
	b.submit("[action$='/match']", url.Values{"user_code": {code}})
	return path.Base(path.Dir(b.path()))
}

// goodDocument agrees with any account.
func goodDocument() url.Values {
	return url.Values{
		"document_type": {"idcard"}, "document_issuer": {"SE"}, "document_number": {"XA4406128"}, "document_expiry": {"2031-05-31"},
		"name_matches": {views.ResultMatches}, "birth_matches": {views.ResultMatches},
		"photo_matches": {"yes"}, "document_handled": {"yes"},
	}
}

func (b *tab) proof(document url.Values) int64 {
	b.t.Helper()
	return b.submit("[action$='/proof']", document)
}

// path is the one of the page's address.
func (b *tab) path() string { return evaluate[string](b, "location.pathname") }

// forgetCounters is what a new installation looks like.
func (d *browserDemo) forgetCounters() {
	d.t.Helper()
	database, err := sql.Open("sqlite3", filepath.Join(d.folder, demoDatabaseFile)+"?_busy_timeout=5000")
	if err != nil {
		d.t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.ExecContext(d.t.Context(), "DELETE FROM counters"); err != nil {
		d.t.Fatal(err)
	}
}
