package review

import (
	"context"
	"testing"

	"countersign/audit"
)

// Each alert says in a sentence what to do next, but the one that has its answer beside it; nothing else does. No two say the
// same, but those of the log itself.
func TestEachAlertSaysWhatToDo(t *testing.T) {
	said := map[string]audit.Type{}
	for _, kind := range audit.AlertTypes() {
		next := nextStep(context.Background(), kind)
		if (next == "") != (kind == audit.DisconnectionRequested) || said[next] != "" && kind != audit.LogForked {
			t.Errorf("%s: %q, as %s", kind, next, said[next])
		}
		said[next] = kind
	}
	if next := nextStep(context.Background(), audit.CodeMatched); next != "" {
		t.Error(next)
	}
}
