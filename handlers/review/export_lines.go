package review

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"countersign/audit/export"
	"countersign/models"
)

// linesExport writes JSON lines as package audit/export has them, docs/events.md#exports.
type linesExport struct {
	ctx    context.Context
	export *models.TrailExport
	out    *json.Encoder
}

func newLinesExport(ctx context.Context, w io.Writer, export *models.TrailExport) *linesExport {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &linesExport{ctx: ctx, export: export, out: out}
}

func (l *linesExport) begin() error {
	filter := l.export.Filter.Terms()
	if filter == nil {
		filter = []string{}
	}
	return l.out.Encode(export.Begin{Export: export.Head{
		Version: export.Version, Issuer: l.export.Issuer(), Event: l.export.Began.ID, At: time.UnixMilli(l.export.Began.OccurredAt).UTC(),
		Last: l.export.Last(), Filter: filter, Checkpoint: string(l.export.Head.Note), LogKeys: l.export.LogKeys, Keys: &l.export.Keys,
	}})
}

func (l *linesExport) entry(row models.TrailRow) error {
	proof, err := l.export.Proof(l.ctx, row.Entry)
	if err != nil {
		return err
	}
	line := export.Entry{Seq: row.Seq, SET: row.SET, Proof: proof, Claims: row.Claims()}
	for _, d := range row.Details {
		line.Details = append(line.Details, export.Detail{Field: d.Field, Before: d.Before, After: d.After, Salt: d.Salt})
	}
	return l.out.Encode(line)
}

func (l *linesExport) end(written int) error {
	return l.out.Encode(export.End{End: export.Tail{Entries: written, Last: l.export.Last()}})
}
