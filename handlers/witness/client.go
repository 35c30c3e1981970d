package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/audit/tree"
)

// askedFor bounds one request to a witness, with its answer.
const askedFor = 10 * time.Second

// Client asks one witness. The administrator chose its address, which may be private. It follows no redirect.
type Client struct {
	Key  tree.Verifier
	url  string
	http *http.Client
}

// NewClient makes one for a witness whose submission prefix is an address without a slash at its end.
func NewClient(key tree.Verifier, prefix string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 16 << 10
	transport.MaxIdleConns, transport.MaxConnsPerHost = 1, 1
	return &Client{Key: key, url: prefix + tree.PathAddCheckpoint, http: &http.Client{
		Transport: transport, Timeout: askedFor,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ConflictError says that the witness has cosigned so many entries, and not those that were named, or not the same.
type ConflictError struct{ Size int64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the witness has cosigned %d entries", e.Size)
}

// RefusedError is another answer than a cosignature.
type RefusedError struct{ Status int }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the witness answers %d (%s)", e.Status, http.StatusText(e.Status))
}

// ErrNoCosignature says that the answer holds no cosignature of that checkpoint by the witness's key.
var ErrNoCosignature = errors.New("the witness's answer holds no cosignature by its key")

// Add asks the witness to cosign a checkpoint. Errors: *ConflictError, *RefusedError, ErrNoCosignature; otherwise there was no answer.
func (c *Client) Add(ctx context.Context, asked tree.AddCheckpoint) (tree.Signed, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(asked.Text()))
	if err != nil {
		return tree.Signed{}, err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := c.http.Do(request)
	if err != nil {
		return tree.Signed{}, err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, tree.MaxAddCheckpoint))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return tree.Signed{}, err
	}
	if answer.StatusCode == http.StatusConflict {
		return tree.Signed{}, conflict(answer.Header.Get("Content-Type"), text)
	}
	if answer.StatusCode != http.StatusOK {
		return tree.Signed{}, &RefusedError{answer.StatusCode}
	}
	return c.cosignature(asked.Checkpoint, text)
}

// conflict reads the size that a witness has.
func conflict(mediaType string, text []byte) error {
	kind, _, _ := mime.ParseMediaType(mediaType)
	size, err := tree.ParseSize(text)
	if err != nil || kind != tree.SizeMediaType {
		return &RefusedError{http.StatusConflict}
	}
	return &ConflictError{size}
}

// cosignature finds the witness's own line. Lines of other keys are left aside, and so is what is no signature line.
func (c *Client) cosignature(checkpoint, lines []byte) (tree.Signed, error) {
	for line := range strings.Lines(string(lines)) {
		if !strings.HasPrefix(line, "— "+c.Key.Name()+" ") || !strings.HasSuffix(line, "\n") {
			continue
		}
		body := append(slices.Clone(tree.Body(checkpoint)), "\n"+line...)
		if found, err := tree.Signers(body, c.Key); err == nil && len(found) == 1 && !found[0].At().IsZero() {
			return found[0], nil
		}
	}
	return tree.Signed{}, ErrNoCosignature
}
