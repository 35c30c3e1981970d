package device_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// pageIssuer stands for the server on docs/apps.md.
const pageIssuer = "https://id.example.org"

// appsPage is docs/apps.md: its requests and answers in order, and the JWTs that go with them.
type appsPage struct {
	text  string
	steps []pageStep
	jwts  map[string]string // header and claims, by the name that the requests call them by
}

// pageStep is a request, an answer, or what happens in between. One of them is set.
type pageStep struct {
	request *pageMessage
	answer  *pageMessage
	wait    time.Duration
	approve bool
	renew   bool // the app has a new key from here on
	aside   bool // the next request is another phone's
}

// pageMessage is an HTTP message as it stands on the page.
type pageMessage struct {
	start   string // the first line
	headers [][2]string
	body    string
}

func readAppsPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/apps.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pageMark is a remark for the test, or a block of HTTP, or a JWT.
var pageMark = regexp.MustCompile("(?ms)^<!-- then: ([^\n]*) -->$|^```http\n(.*?)\n```$|^<!-- jwt (\\w+) -->\n```json\n(.*?)\n```$")

func parseAppsPage(text string) (appsPage, error) {
	page := appsPage{text: text, jwts: map[string]string{}}
	for _, mark := range pageMark.FindAllStringSubmatch(text, -1) {
		var step pageStep
		var err error
		switch {
		case mark[1] != "":
			step, err = parseRemark(mark[1])
		case mark[2] != "":
			step, err = parseMessage(mark[2])
		default:
			page.jwts[mark[3]] = mark[4]
			continue
		}
		if err != nil {
			return page, err
		}
		page.steps = append(page.steps, step)
	}
	blocks := strings.Count(text, "```http\n") + strings.Count(text, "<!-- then") + strings.Count(text, "<!-- jwt")
	if read := len(page.steps) + len(page.jwts); read != blocks {
		return page, fmt.Errorf("%d of %d blocks and remarks were understood", read, blocks)
	}
	return page, nil
}

func parseRemark(remark string) (step pageStep, err error) {
	var seconds int
	switch _, scanned := fmt.Sscanf(remark, "wait %d s", &seconds); {
	case scanned == nil:
		step.wait = time.Duration(seconds) * time.Second
	case remark == "the operator approves":
		step.approve = true
	case remark == "the app has a new key":
		step.renew = true
	case remark == "another phone asks":
		step.aside = true
	default:
		err = fmt.Errorf("no such remark: %s", remark)
	}
	return step, err
}

func parseMessage(block string) (pageStep, error) {
	head, body, _ := strings.Cut(block, "\n\n")
	start, rest, _ := strings.Cut(head, "\n")
	message := &pageMessage{start: start, body: body}
	for line := range strings.Lines(rest) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			return pageStep{}, fmt.Errorf("no header: %s", line)
		}
		message.headers = append(message.headers, [2]string{name, value})
	}
	if strings.HasPrefix(start, "HTTP/1.1 ") {
		return pageStep{answer: message}, nil
	}
	return pageStep{request: message}, nil
}
