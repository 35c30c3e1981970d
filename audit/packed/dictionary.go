package packed

import (
	"embed"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Newest is the dictionary that Pack uses. Identifiers of 32768 and more are for private use (RFC 8878 §5).
const Newest = 40001

// dictionaries are those of all releases, each in a file that is called as its identifier. Rows are kept for years, so that none
// is ever changed or removed: a better one gets the next identifier. audit/packed_dictionary_test.go has the recipe.
//
//go:embed dictionaries
var dictionaries embed.FS

// Dictionary is the file of a dictionary.
func Dictionary(id int) ([]byte, error) {
	return dictionaries.ReadFile(fmt.Sprintf("dictionaries/%d.zdict", id))
}

// Dictionaries are the identifiers of all, the oldest first.
func Dictionaries() (ids []int, err error) {
	files, err := dictionaries.ReadDir("dictionaries")
	for _, file := range files { // sorted by their names
		id, bad := strconv.Atoi(strings.TrimSuffix(file.Name(), ".zdict"))
		ids, err = append(ids, id), errors.Join(err, bad)
	}
	return ids, err
}

const (
	window   = 32 << 10 // bytes that may be pointed back to: the dictionary and the text
	decoders = 4        // that work at once; each has its own tables
)

// newest makes the encoder, when the first event is packed: it takes about 0.7 MB. One text at a time, since events are appended one
// after the other.
var newest = sync.OnceValues(func() (*zstd.Encoder, error) {
	dictionary, err := Dictionary(Newest)
	if err != nil {
		return nil, err
	}
	return zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window), zstd.WithEncoderCRC(false)) // the signature is the checksum
})

// all makes the decoders, when the first event is read.
var all = sync.OnceValues(func() (*zstd.Decoder, error) {
	ids, err := Dictionaries()
	if err != nil {
		return nil, err
	}
	var known [][]byte
	for _, id := range ids {
		dictionary, err := Dictionary(id)
		if err != nil {
			return nil, err
		}
		known = append(known, dictionary)
	}
	return zstd.NewReader(nil, zstd.WithDecoderDicts(known...), zstd.WithDecoderConcurrency(min(decoders, runtime.GOMAXPROCS(0))),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(mostText), zstd.WithDecoderMaxWindow(mostText))
})
