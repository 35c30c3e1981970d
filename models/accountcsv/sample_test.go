package accountcsv

import (
	"strings"
	"testing"
)

// The file that the console offers to begin with is one that it takes.
func TestSample(t *testing.T) {
	read := Read(strings.NewReader(Sample), today)
	if len(read.Problems) > 0 || read.Further > 0 || len(read.Accounts) != 3 {
		t.Errorf("%+v", read)
	}
}
