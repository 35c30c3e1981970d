package static

import (
	"path"
	"strings"
	"sync"
)

// What is served is the file without its comments and indentation, line for line, so that what a browser says of a line is found in
// the file. A library keeps the comment at its head, which is its licence.

// served keeps each file as it is served, from the first time that somebody asks.
var served sync.Map // name → []byte

// read returns a file as it is served.
func read(name string) ([]byte, error) {
	if kept, there := served.Load(name); there {
		return kept.([]byte), nil
	}
	content, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(name, ".min."):
	case path.Ext(name) == ".css":
		content = []byte(squeeze(string(content), ""))
	case path.Ext(name) == ".js":
		content = []byte(squeeze(string(content), "//"))
	}
	served.Store(name, content)
	return content, nil
}

// squeeze empties the lines that are comments: between /* and */, which begin and end with a line, or after the mark. Nothing else may
// begin with these, in a text of several lines above all (TestNothingIsLostByServing).
func squeeze(text, mark string) string {
	lines := strings.Split(text, "\n")
	isHead, isBlock := mark != "" && strings.HasPrefix(text, mark+"---"), false
	for i, line := range lines {
		line = strings.TrimSpace(line)
		isComment := mark != "" && strings.HasPrefix(line, mark)
		isHead = isHead && isComment
		switch {
		case isBlock:
			isBlock = !strings.HasSuffix(line, "*/")
			line = ""
		case isHead:
		case strings.HasPrefix(line, "/*") && (strings.Index(line, "*/") == len(line)-2 || !strings.Contains(line, "*/")):
			isBlock = !strings.HasSuffix(line, "*/")
			line = ""
		case isComment:
			line = ""
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}
