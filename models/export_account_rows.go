package models

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"countersign/audit"
)

// exportedTogether is how many rows of an export are in memory at once, and how many parents one statement asks for.
const exportedTogether = 1000

// AccountRows gives each row of a part of an account's export to tell, one at a time: what has a value, by column. Times are those
// of RFC 3339; a signed event is there as it is, and its claims as JSON. The columns that have a value and are withheld are named by
// "withheld". The database is not read meanwhile, however slow tell is. BeginAccountExport comes first.
func (s *Store) AccountRows(ctx context.Context, id string, part AccountPart, tell func(row map[string]any) error) error {
	columns := part.columnNames()
	return s.exportedPages(ctx, part, id, func(page [][]any) error {
		strangers, err := s.ofStrangers(ctx, part, id, page)
		if err != nil {
			return err
		}
		for i, values := range page {
			withheld := strings.Split(part.private, ", ")
			if strangers[i] {
				withheld = append(withheld, strings.Split(part.strangers, ", ")...)
			}
			if err := tell(exportedRow(columns, values, withheld)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p AccountPart) columnNames() []string { return strings.Split(p.columns, ", ") }

// exportedPages reads a part's rows, exportedTogether of them or of their parents at a time, and has them taken.
func (s *Store) exportedPages(ctx context.Context, part AccountPart, account string, take func(page [][]any) error) error {
	if part.of == nil {
		return s.pagesOf(ctx, part, map[string]any{"account": account}, take)
	}
	return s.exportedPages(ctx, *part.of, account, func(page [][]any) error {
		parents := firstOf(page)
		together := exportedTogether
		if part.single {
			together = 1
		}
		for some := range slices.Chunk(parents, together) {
			if err := s.pagesOf(ctx, part, map[string]any{"parents": some, "account": account}, take); err != nil {
				return err
			}
		}
		return nil
	})
}

// firstOf lists the values of the first column, each once.
func firstOf(page [][]any) (values []any) {
	known := map[any]bool{}
	for _, row := range page {
		if !known[row[0]] {
			known[row[0]], values = true, append(values, row[0])
		}
	}
	return values
}

// pagesOf reads what hangs on the account, or on some parents: along the part's index, or all at once.
func (s *Store) pagesOf(ctx context.Context, part AccountPart, of map[string]any, take func(page [][]any) error) error {
	statement := "SELECT " + part.columns + " FROM " + part.table + " WHERE " + part.where
	if part.page == "" {
		page, err := s.exportedPage(ctx, statement, of)
		if err != nil {
			return err
		}
		part.sort(page)
		return take(page)
	}
	of["few"] = exportedTogether
	columns, beyond := part.columnNames(), ""
	for {
		page, err := s.exportedPage(ctx, statement+beyond+" ORDER BY "+part.page+" LIMIT @few", of)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := take(page); err != nil || len(page) < exportedTogether {
			return err
		}
		var last []string
		for i, key := range strings.Split(part.page, ", ") {
			name := fmt.Sprintf("last%d", i)
			of[name], last = page[len(page)-1][slices.Index(columns, key)], append(last, "@"+name)
		}
		beyond = " AND (" + part.page + ") > (" + strings.Join(last, ", ") + ")"
	}
}

// sort sorts the rows of some parents.
func (p AccountPart) sort(page [][]any) {
	if by := slices.Index(p.columnNames(), p.order); by >= 0 {
		slices.SortStableFunc(page, func(a, b []any) int {
			former, _ := a[by].(int64)
			later, _ := b[by].(int64)
			return cmp.Compare(former, later)
		})
	}
}

// exportedPage reads rows to their end, so that nothing is held open while they are told.
func (s *Store) exportedPage(ctx context.Context, statement string, of map[string]any) (page [][]any, err error) {
	rows, err := s.reading(ctx).Raw(statement, of).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, err := valuesOf(rows, len(columns))
		if err != nil {
			return nil, err
		}
		page = append(page, values)
	}
	return page, rows.Err()
}

func valuesOf(rows *sql.Rows, count int) ([]any, error) {
	values, places := make([]any, count), make([]any, count)
	for i := range values {
		places[i] = &values[i]
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	for i, value := range values {
		if bytes, is := value.([]byte); is {
			values[i] = string(bytes)
		}
	}
	return values, nil
}

// ofStrangers says of each row of a page whether it is about a request whose code nobody entered for this account. The trail says
// so: the request itself may have been swept.
func (s *Store) ofStrangers(ctx context.Context, part AccountPart, account string, page [][]any) ([]bool, error) {
	strangers := make([]bool, len(page))
	if part.strangers == "" || len(page) == 0 {
		return strangers, nil
	}
	requests, err := s.requestsOfRows(ctx, part, page)
	if err != nil {
		return nil, err
	}
	matched, err := s.matchedOnce(ctx, account, requests)
	for i, row := range page {
		request := requests[row[0]]
		strangers[i] = request != "" && !matched[request]
	}
	return strangers, err
}

// requestsOfRows finds by the first column, which is a request's identifier or an event's number, what request a row is about; ""
// for none.
func (s *Store) requestsOfRows(ctx context.Context, part AccountPart, page [][]any) (map[any]any, error) {
	requests := map[any]any{}
	if part.columnNames()[0] == "id" {
		for _, row := range page {
			requests[row[0]] = row[0]
		}
		return requests, nil
	}
	events, err := s.exportedPage(ctx, "SELECT seq, device_authorization_id FROM audit_events WHERE seq IN @events",
		map[string]any{"events": firstOf(page)})
	for _, event := range events {
		requests[event[0]] = event[1]
	}
	return requests, err
}

// matchedOnce finds which of the requests somebody entered the code of for this account, whatever became of them.
func (s *Store) matchedOnce(ctx context.Context, account string, requests map[any]any) (map[any]bool, error) {
	events, err := s.exportedPage(ctx, `SELECT device_authorization_id, type, account_id FROM audit_events
		WHERE device_authorization_id IN @requests AND device_authorization_id <> ''`,
		map[string]any{"requests": slices.Collect(maps.Values(requests))})
	matched := map[any]bool{}
	for _, event := range events {
		if event[1] == string(audit.CodeMatched) && event[2] == account {
			matched[event[0]] = true
		}
	}
	return matched, err
}

// exportedRow is a row as it is told. Texts stay texts, also those that look like JSON: a phone may call itself so.
func exportedRow(columns []string, values []any, withheld []string) map[string]any {
	row := map[string]any{}
	var hidden []string
	columns, values = withToken(columns, values)
	for i, column := range columns {
		value := exportedValue(column, values[i])
		switch {
		case value == nil:
		case slices.Contains(withheld, column):
			hidden = append(hidden, column)
		default:
			row[column] = value
		}
	}
	if len(hidden) > 0 {
		row["withheld"] = hidden
	}
	if token, is := row[exportedToken].(string); is {
		if claims := (audit.Entry{SET: token}).Claims(); claims != nil { // one that somebody spoiled is given as it is
			row["claims"] = claims
		}
	}
	return row
}

// exportedToken is what an event's token is called in an export.
const exportedToken = "set_jwt"

// withToken has an event's token in the place of the two columns that may have it; of other rows it changes nothing.
func withToken(columns []string, values []any) ([]string, []any) {
	text, short := slices.Index(columns, "set_text"), slices.Index(columns, "packed")
	if text < 0 || short < 0 {
		return columns, values
	}
	columns, values = slices.Clone(columns), slices.Clone(values)
	columns[text], values[text] = exportedToken, audit.Token(fmt.Sprint(values[text]), fmt.Sprint(values[short]))
	return slices.Delete(columns, short, short+1), slices.Delete(values, short, short+1)
}

// exportedValue is a value as people read it; nil where there is none.
func exportedValue(column string, value any) any {
	switch v := value.(type) {
	case int64:
		switch {
		case strings.HasSuffix(column, "_required"), column == "while_locked", column == "closing":
			return v != 0
		case !strings.HasSuffix(column, "_at") && !strings.HasSuffix(column, "_until"):
			return v
		case v == 0:
			return nil
		}
		return Instant(v).Time().UTC().Format(time.RFC3339Nano)
	case string:
		if v == "" {
			return nil
		}
	}
	return value
}
