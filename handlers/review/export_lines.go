package review

import (
	"encoding/json"
	"io"
	"time"

	"countersign/models"
)

// The lines of an export, docs/events.md#exports: one that says what it is, one an entry, and one that says that it is whole.
// An entry is its number, the SET as it stands in the log, and the claims of that SET for whoever reads without verifying.
type (
	exportBegin struct {
		Export exportHead `json:"export"`
	}
	exportHead struct {
		Version int       `json:"version"`
		Issuer  string    `json:"issuer"`
		Event   string    `json:"event"` // jti of the event that says it began
		At      time.Time `json:"at"`
		Last    int64     `json:"last_seq"` // no entry has a higher number
		Filter  []string  `json:"filter"`   // none: all entries

		Checkpoint string `json:"checkpoint,omitempty"` // tlog-checkpoint: the newest of before the event
	}
	exportEntry struct {
		Seq    int64           `json:"seq"`
		SET    string          `json:"set"`
		Claims json.RawMessage `json:"claims,omitempty"`
	}
	exportEnd struct {
		End exportTail `json:"end"`
	}
	exportTail struct {
		Entries int   `json:"entries"`
		Last    int64 `json:"last_seq"`
	}
)

const exportVersion = 1

// linesExport writes JSON lines.
type linesExport struct {
	export *models.TrailExport
	out    *json.Encoder
}

func newLinesExport(w io.Writer, export *models.TrailExport) *linesExport {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &linesExport{export: export, out: out}
}

func (l *linesExport) begin() error {
	filter := l.export.Filter.Terms()
	if filter == nil {
		filter = []string{}
	}
	return l.out.Encode(exportBegin{exportHead{
		Version: exportVersion, Issuer: l.export.Issuer(), Event: l.export.Began.ID, At: time.UnixMilli(l.export.Began.OccurredAt).UTC(),
		Last: l.export.Last(), Filter: filter, Checkpoint: l.export.Checkpoint,
	}})
}

func (l *linesExport) entry(row models.TrailRow) error {
	return l.out.Encode(exportEntry{Seq: row.Seq, SET: row.SET, Claims: row.Claims()})
}

func (l *linesExport) end(written int) error {
	return l.out.Encode(exportEnd{exportTail{Entries: written, Last: l.export.Last()}})
}
