package device_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageLine is a value on the page that an app sends: of a header, of a parameter, or of a member of JSON.
var pageLine = regexp.MustCompile(`(?m)^([A-Z][\w-]+): (.+)$|^(\w+)=(.+)$|"(\w+)": ("[^"]*"|[^,}\n]+)`)

// freeTexts may have any value: nothing that is answered depends on it.
var freeTexts = []string{"client_name", "software_version", "instance_name", "instance_description"}

// docs/apps.md is held to the server: a page with a wrong value anywhere in what an app sends does not pass TestAppsPage.
func TestAppsPageWithAWrongValue(t *testing.T) {
	t.Parallel()
	s, given := appsServer(t)
	text, tried := readAppsPage(t), 0
	for _, wrong := range wrongPages(text) {
		page, err := parseAppsPage(wrong.text)
		if err == nil {
			err = runAppsPage(t, s, page, given)
		}
		if tried++; err == nil {
			t.Errorf("%s can be wrong in %q", wrong.name, wrong.block)
		}
	}
	if tried < 60 {
		t.Errorf("only %d pages were tried", tried)
	}
}

type wrongPage struct{ name, block, text string }

// wrongPages are the page with each value wrong that is not free.
func wrongPages(text string) []wrongPage {
	var pages []wrongPage
	for _, at := range pageMark.FindAllStringSubmatchIndex(text, -1) {
		block := text[at[0]:at[1]]
		isAnswer := strings.Contains(block, "```http\nHTTP/1.1 ")
		if isAnswer || strings.HasPrefix(block, "<!-- then") {
			continue
		}
		for _, line := range pageLine.FindAllStringSubmatchIndex(block, -1) {
			name, from, to := lineOf(block, line)
			once := name == "jti" && strings.Contains(block, "presence_proof") // two would have to be shown
			if once || slices.Contains(freeTexts, name) {
				continue
			}
			value := `wrong`
			if line[10] >= 0 {
				value = `"wrong"`
			}
			from += strings.LastIndex(block[from:to], " ") + 1 // after the scheme of Authorization
			pages = append(pages, wrongPage{name, block, text[:at[0]] + block[:from] + value + block[to:] + text[at[1]:]})
		}
	}
	return pages
}

// lineOf returns the name of a match of pageLine, and where its value is.
func lineOf(block string, line []int) (name string, from, to int) {
	for group := 2; group < len(line); group += 4 {
		if line[group] >= 0 {
			return block[line[group]:line[group+1]], line[group+2], line[group+3]
		}
	}
	return "", 0, 0
}
