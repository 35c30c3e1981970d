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
	if err := decode(line, &e, "seq", "set", "proof", "claims"); err != nil {
		return Entry{}, err
	}
	if e.Claims != nil && !sameJSON(e.Claims, payload(e.SET)) {
		return e, errors.New("the claims beside the SET are not those in it")
	}
	return e, nil
}

// quickEntry reads a line without a proof that is byte for byte as exports have it, with the SET's own claims.
func quickEntry(line []byte) (e Entry, fine bool) {
	rest, begun := bytes.CutPrefix(line, []byte(`{"seq":`))
	number, rest, found := bytes.Cut(rest, []byte(`,"set":"`))
	set, rest, closed := bytes.Cut(rest, []byte(`","claims":`))
	claims, ended := bytes.CutSuffix(rest, []byte(`}`))
	if !begun || !found || !closed || !ended {
		return Entry{}, false
	}
	seq, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != string(number) {
		return Entry{}, false
	}
	e = Entry{Seq: seq, SET: string(set), Claims: claims}
	return e, bytes.Equal(payload(e.SET), claims)
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

// sameJSON reports whether two texts say the same, however they are spaced.
func sameJSON(a, b []byte) bool {
	var one, other any
	return exactly(a, &one) == nil && exactly(b, &other) == nil && reflect.DeepEqual(one, other)
}

func exactly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
