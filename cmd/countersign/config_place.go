package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"syscall"

	"countersign/handlers/metrics"
)

// place is where serve listens, and how one that runs already is known: by what it answers at a path.
type place struct {
	flag, address string
	encrypted     bool
	path          string
	answer        *regexp.Regexp
}

// places tries to listen on each address as serve does, on both at once.
func (c *checks) places(ctx context.Context, s *serveSettings) {
	pages := place{"listen", s.listen, s.cert != nil, "/healthz", regexp.MustCompile("^ok$")}
	told := place{"metrics-listen", s.metricsListen, false, metrics.Path, regexp.MustCompile("countersign_build_info")}
	first, err := pages.listen(ctx)
	second, beside := told.listen(ctx)
	if err := closeAll(slices.Concat(first, second)); err != nil {
		c.trouble("listen", err)
	}
	c.judge(ctx, pages, err)
	if err == nil && errors.Is(beside, syscall.EADDRINUSE) {
		if alone, err := told.listen(ctx); err == nil {
			c.refuse(told.flag, told.address+" cannot be taken beside "+pages.address+", which is --listen", "Give another port")
			c.trouble(told.flag, closeAll(alone))
			return
		}
	}
	c.judge(ctx, told, beside)
}

// listen takes the address; there is none where nothing is to listen.
func (p place) listen(ctx context.Context) ([]net.Listener, error) {
	if p.address == "" {
		return nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	return []net.Listener{listener}, nil
}

// judge refuses an address that is not this machine's, or that this user may not take. That something listens there already
// is warned of: a server that runs may end before the next one starts.
func (c *checks) judge(ctx context.Context, p place, err error) {
	refused := slices.ContainsFunc(c.problems, func(told problem) bool { return told.setting == c.name(p.flag) })
	switch {
	case err == nil || refused:
	case !errors.Is(err, syscall.EADDRINUSE):
		c.refuse(p.flag, "cannot listen: "+err.Error(), "Give an address of this machine, and a port that this user may take")
	case p.isOurs(ctx):
		c.warn(p.flag, "a server of this program listens at "+p.address, "Let it end before another one starts there")
	default:
		c.warn(p.flag, "another program listens at "+p.address+", and serve does not start beside it", "End it, or give another address")
	}
}

// isOurs reports that what listens at the address answers as this program does.
func (p place) isOurs(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	answer, err := askAt(ctx, "tcp", p.address, p.encrypted, p.path)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	const enough = 1 << 20
	body, err := io.ReadAll(io.LimitReader(answer.Body, enough))
	return err == nil && answer.StatusCode == http.StatusOK && p.answer.Match(body)
}
