package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textField is a labelled text input. Its id is its name.
type textField struct {
	Name, Label, Hint, Value, Error string

	Scan         string // what it takes from a scanner: "identifier" or "code"; see static/scanner.js
	Class        string // width or look: "short", "code", "scan"
	InputMode    string
	Autocomplete string // "" means "off"
	Required     bool
	Autofocus    bool
	Capitals     bool   // asks touch keyboards for capitals
	When         string // class of the whole field: when it is asked for, see app.css
}

func (f textField) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// choiceField is a group of radio buttons. The first has the group's name as
// its id, so that the error summary's link lands on it.
type choiceField struct {
	Name, Legend, Hint, Value, Error string

	Class     string
	Choices   []Choice
	Autofocus bool // of the choice that is made, else of the first
	Required  bool
}

func (f choiceField) id(index int) string {
	if index == 0 {
		return f.Name
	}
	return f.Name + "-" + strconv.Itoa(index+1)
}

// focused is the index of the choice that the keyboard comes to.
func (f choiceField) focused() int {
	return max(0, slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Value == f.Value }))
}

// checkField is one checkbox with the value "yes".
type checkField struct {
	Name, Label, Hint, Error string
	Checked                  bool

	When      string // as of textField
	Autofocus bool
}

// describedBy lists the ids of the hint and the error that a field has.
func describedBy(name, hint, err string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, name+"-hint")
	}
	if err != "" {
		ids = append(ids, name+"-error")
	}
	return strings.Join(ids, " ")
}

func roleLabel(ctx context.Context, role string) string {
	if role == "" {
		return say(ctx, "Signed in")
	}
	first, length := utf8.DecodeRuneInString(role)
	return string(unicode.ToUpper(first)) + role[length:]
}

// textWidth is about how many letters a line of a text box has on a wide screen.
const textWidth = 44

// textRows is how high a text box is that shows all of a text on a wide screen.
func textRows(text string) int {
	rows := 0
	for line := range strings.SplitSeq(text, "\n") {
		rows += max(1, (utf8.RuneCountInString(line)+textWidth-1)/textWidth)
	}
	return rows
}
