// Package tlog serves the log to everybody, as C2SP's tlog-tiles has it: hashes, checkpoints and public keys, and no
// entries. Whoever kept a checkpoint proves with them that the trail was neither changed nor cut off since
// (docs/decisions/0046-merkle-log.md).
package tlog

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"countersign/audit/tree"
	"countersign/handlers/web"
	"countersign/models"

	"github.com/labstack/echo/v4"
)

// Where the log is, below the issuer.
const (
	PathCheckpoint = tree.Path + "/checkpoint"
	PathKeys       = tree.Path + "/keys"
	PathTile       = tree.Path + "/tile/*"
)

// For how long answers may be kept, in seconds. A checkpoint is followed by another within a second; a tile never changes.
const (
	checkpointKept = 1
	keysKept       = 300
)

// plain is the media type of a checkpoint, spelt as tlog-tiles has it.
const plain = "text/plain; charset=utf-8"

// Log has the resources as methods.
type Log struct{ *web.App }

// New makes the resources.
func New(app *web.App) *Log { return &Log{app} }

// Checkpoint answers GET /log/checkpoint: the newest checkpoint, a signed note. 404 before there is any.
func (l *Log) Checkpoint(c echo.Context) error {
	text, err := l.Store.LogCheckpoint(c.Request().Context())
	if err != nil {
		return missing(err)
	}
	web.Cacheable(c, checkpointKept)
	return c.Blob(http.StatusOK, plain, text)
}

// Keys answers GET /log/keys: the log's verifier keys (signed-note), a line each.
func (l *Log) Keys(c echo.Context) error {
	lines, err := l.Store.LogKeys(c.Request().Context())
	if err != nil {
		return err
	}
	web.Cacheable(c, keysKept)
	return c.Blob(http.StatusOK, plain, []byte(strings.Join(lines, "\n")+"\n"))
}

// missing is the answer to what the log does not have.
func missing(err error) error {
	if errors.Is(err, models.ErrNotFound) {
		return echo.ErrNotFound
	}
	return err
}

// Tile answers GET /log/tile/<L>/<N>[.p/<W>]: hashes of the tree of the newest checkpoint. 404 for what that tree does not
// have, and for bundles of entries.
func (l *Log) Tile(c echo.Context) error {
	tile, err := tree.ParseTile("tile/" + c.Param("*"))
	if err != nil {
		return echo.ErrNotFound
	}
	hashes, err := l.Store.LogTile(c.Request().Context(), tile)
	if err != nil {
		return missing(err)
	}
	web.CacheableForGood(c)
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(hashes)))
	return c.Blob(http.StatusOK, echo.MIMEOctetStream, hashes)
}
