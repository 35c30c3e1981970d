package oauth

import (
	"strconv"
	"testing"
	"time"
)

// docs/threat-model.md: nobody chooses where a key lies. Even in a memory that one owner has filled, a search looks at few
// slots, in the middle and at the worst.
func TestFloodDoesNotSlowSearches(t *testing.T) {
	memory, now := NewReplayMemory(40_000), time.Unix(1_800_000_000, 0)
	for i := range 60_000 {
		_ = memory.Use("assertion\x00one owner\x00"+strconv.Itoa(i), now.Add(time.Minute), now)
	}
	searches, looked, worst := 0, 0, 0
	for i := range memory.used.shards {
		s := &memory.used.shards[i]
		if float64(s.filled) > flatMost*float64(len(s.words)) {
			t.Fatalf("%d of %d slots are filled", s.filled, len(s.words))
		}
		for from := range s.words {
			length := 1
			for at := from; s.words[at] != 0; at = s.after(at) {
				length++
			}
			searches, looked, worst = searches+1, looked+length, max(worst, length)
		}
	}
	if mean := float64(looked) / float64(searches); mean > 100 || worst > 2000 {
		t.Errorf("a search of what is not there looks at %.1f slots, at the worst at %d", mean, worst)
	} else {
		t.Logf("a search of what is not there looks at %.1f slots, at the worst at %d", mean, worst)
	}
}
