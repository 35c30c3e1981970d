package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"countersign/handlers/guide"
	"countersign/oauth"
	"countersign/views"
)

// demoInstructions are what a person reads who has just started the demonstration.
const demoInstructions = `
Countersign: demonstration
The people and accounts are invented. {{.Fate}}

  Phone        {{.Issuer}}{{.PhonePage}}
  Console      {{.Issuer}}{{.Counter}}
  What to try  {{.Issuer}}{{.Practice}}
  Sign in as   {{range $i, $p := .Staff}}{{if $i}}
               {{end}}{{printf "%-18s" $p.Name}}{{range $p.Roles}}{{.}}{{end}}{{end}}

A visit by hand

1. Be the phone of {{.Person}}. Open {{.Issuer}}{{.PhonePage}} on one side
   of the screen, and name the account {{.Hint}}.
   It shows letters, which are its code, and waits.

2. Be the operator. Open the console on the other side, sign in as {{.Operator}},
   take the counter "{{.Place}}", search for
   {{.Hint}} and enter the code from the phone.
   Record any ID card whose expiry date lies ahead, or paste this specimen, the
   document of nobody, into the box "Scan the document":

{{.Specimen}}

   Then approve.

3. The phone notices within a few seconds. Notices that a real server would mail to
   {{.Person}} are printed here.

4. Be the supervisor: sign out, sign in as {{(index .Staff 2).Name}}, read the audit trail.

Also worth a try, at the counter
  {{printf "%-12s" .Own}} the account of {{.Operator}} herself: she may not decide on it
  C-100364     a suspended account
  C-100369     a locked account
  +44 7700     several accounts begin like this

A phone without a browser, in a second terminal

     {{.Phone}}

   and, once it is connected:

     {{.Call}}

The whole visit by itself:  {{.Program}} demo --once
Stop with Ctrl-C.
`

// explain prints where everything is and what to do.
func (d *demonstration) explain(w io.Writer, kept string) error {
	program, fate := programName(), "Nothing leaves this computer, and all of it is gone when you stop."
	if kept != "" {
		fate = "Nothing leaves this computer. It is kept in " + kept + "."
	}
	state := " --state " + quoted(filepath.Join(d.folder, "phone.json"))
	t, err := template.New("demonstration").Parse(demoInstructions)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{
		"Fate": fate, "Issuer": d.issuer, "Counter": views.PathCounter, "Staff": demoStaff(), "Person": demoPerson,
		"PhonePage": views.PathPhone, "Practice": views.PathPractice, "Specimen": indented(guide.Cards(d.env.Now())[0].Zone()),
		"Operator": demoOperator, "Place": demoCounter, "Hint": demoHint, "Own": demoOwn, "Program": program,
		"Phone": program + " phone --issuer " + d.issuer + " \\\n       --login-hint " + demoHint +
			" --name 'Blue phone'" + " \\\n      " + state,
		"Call": program + " phone call " + d.issuer + oauth.PathWhoAmI + " \\\n      " + state,
	})
}

// indented sets lines apart from the text around them.
func indented(lines string) string { return "     " + strings.ReplaceAll(lines, "\n", "\n     ") }

// programName is how to start this program again: by go run when it was started so.
func programName() string {
	path, err := os.Executable()
	if err != nil {
		return "countersign"
	}
	if strings.Contains(path, string(filepath.Separator)+"go-build") {
		return "go run ./cmd/countersign"
	}
	if found, err := exec.LookPath("countersign"); err == nil && found == path {
		return "countersign"
	}
	return quoted(path)
}
