package review

import (
	"bufio"
	"context"
	"io"
	"time"

	"countersign/audit/term"
	"countersign/models"
)

// exportBuffer is in bytes.
const exportBuffer = 64 << 10

// exportWriter writes one form of an export: what stands before the entries, each of them, and what stands after the last one,
// which tells a whole export from one that was broken off.
type exportWriter interface {
	begin() error
	entry(models.TrailRow) error
	end(written int) error
}

// WriteExport writes an export to its end, in the language of ctx and with times in zone, and returns how many entries it
// wrote. told is called after each step, when everything up to it has gone to w; its error ends the export. It
// is called within TrailExport.Run.
func WriteExport(ctx context.Context, w io.Writer, export *models.TrailExport, zone *time.Location, told func() error) (int, error) {
	buffer := bufio.NewWriterSize(w, exportBuffer)
	var form exportWriter = newLinesExport(ctx, buffer, export)
	if export.Format == term.ExportCSV {
		form = newCSVExport(ctx, buffer, export, zone)
	}
	if err := form.begin(); err != nil {
		return 0, err
	}
	written := 0
	for !export.Done() {
		rows, err := export.Step(ctx)
		if err != nil {
			return written, err
		}
		for _, row := range rows {
			if err := form.entry(row); err != nil {
				return written, err
			}
		}
		if err := flushed(buffer, told); err != nil {
			return written, err
		}
		written += len(rows)
	}
	if err := form.end(written); err != nil {
		return written, err
	}
	return written, flushed(buffer, told)
}

func flushed(buffer *bufio.Writer, told func() error) error {
	if err := buffer.Flush(); err != nil {
		return err
	}
	return told()
}
