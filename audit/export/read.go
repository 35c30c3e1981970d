package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"countersign/audit"

	strict "github.com/go-jose/go-jose/v4/json"
)

// longestLine bounds a line, in bytes: an entry is 1 or 2 KiB, the first line has all keys that ever signed.
const longestLine = 8 << 20

// lineReader gives lines without their ends.
type lineReader struct {
	in    *bufio.Reader
	lines int64
	bytes int64
}

var (
	errTooLong   = fmt.Errorf("the line is longer than %d bytes", longestLine)
	errNotClosed = errors.New("the line has no end")
)

// next is the next line, which is the caller's. Errors: io.EOF after the last one, errNotClosed with what there is of a line,
// errTooLong, and faults of reading.
func (r *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		line = append(line, part...)
		r.bytes += int64(len(part))
		switch {
		case len(line) > longestLine:
			return nil, errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, errNotClosed
		case err != nil:
			return nil, err
		}
		r.lines++
		return line[:len(line)-1], nil
	}
}

// decode reads an object with no other members than those named. Names are as they are written, and each is there once.
func decode(line []byte, into any, names ...string) error {
	var members map[string]json.RawMessage
	if strict.Unmarshal(line, &members) != nil || strict.Unmarshal(line, into) != nil {
		return errors.New("not a line of an export")
	}
	for _, name := range names {
		delete(members, name)
	}
	for name := range members {
		return fmt.Errorf("not a line of an export: it has a member %q", name)
	}
	return nil
}

// isEnd reports whether a line is the last one, by its first member.
func isEnd(line []byte) bool { return bytes.HasPrefix(line, []byte(`{"end":`)) }

// readEntry reads the line of an entry.
func readEntry(line []byte) (e Entry, err error) {
	if e, fine := quickEntry(line); fine {
		return e, nil
	}
	if err := decode(line, &e, "seq", "set", "proof", "claims", "details"); err != nil {
		return Entry{}, err
	}
	if e.Claims != nil && !sameJSON(e.Claims, payload(e.SET)) {
		return e, errors.New("the claims beside the SET are not those in it")
	}
	return e, checkDetails(e)
}

// quickEntry reads a line without a proof that is byte for byte as exports have it, with the SET's own claims.
func quickEntry(line []byte) (e Entry, fine bool) {
	rest, begun := bytes.CutPrefix(line, []byte(`{"seq":`))
	number, rest, found := bytes.Cut(rest, []byte(`,"set":"`))
	set, rest, closed := bytes.Cut(rest, []byte(`","claims":`))
	if !begun || !found || !closed {
		return Entry{}, false
	}
	seq, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != string(number) {
		return Entry{}, false
	}
	claims := payload(string(set))
	rest, same := bytes.CutPrefix(rest, claims)
	e = Entry{Seq: seq, SET: string(set), Claims: claims}
	rest, closed = bytes.CutSuffix(rest, []byte(`}`))
	if details, has := bytes.CutPrefix(rest, []byte(`,"details":`)); has {
		return e, same && closed && strict.Unmarshal(details, &e.Details) == nil && checkDetails(e) == nil
	}
	return e, same && closed && len(claims) > 0 && len(rest) == 0
}

// checkDetails wants the hash of each detail in the SET.
func checkDetails(e Entry) error {
	if len(e.Details) == 0 {
		return nil
	}
	claims := payload(e.SET)
	for _, d := range e.Details {
		row := audit.DetailRow{Field: d.Field, Before: d.Before, After: d.After, Salt: d.Salt}
		stated := `"` + d.Field + `":"` + row.Hash() + `"`
		if strings.ContainsAny(d.Field, `"\`) || !bytes.Contains(claims, []byte(stated)) {
			return errors.New("a detail beside the SET is not what the SET says")
		}
	}
	return nil
}

// payload is what a SET says, as it stands there; nothing when it is no SET.
func payload(set string) []byte {
	_, rest, _ := strings.Cut(set, ".")
	middle, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(middle)
	if err != nil {
		return nil
	}
	return text
}

// sameJSON reports whether two texts say the same, however they are spaced. One with a member twice says nothing: readers differ in
// which one they take.
func sameJSON(a, b []byte) bool {
	var one, other any
	return exactly(a, &one) == nil && exactly(b, &other) == nil && reflect.DeepEqual(one, other)
}

func exactly(text []byte, into any) error {
	d := strict.NewDecoder(bytes.NewReader(text))
	d.SetNumberType(strict.UnmarshalJSONNumber)
	return d.Decode(into)
}
