package keyfetch

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// siteSlots are the fetches of one site; it is forgotten when no fetch uses it.
type siteSlots struct {
	slots chan struct{}
	users int
}

// slot waits for a place among the fetches of the site, then among all; free gives both
// back. Error: failedTooMany, when ctx is over first.
func (f *Fetcher) slot(ctx context.Context, site string) (free func(), err error) {
	f.mu.Lock()
	own, ok := f.sites[site]
	if !ok {
		own = &siteSlots{slots: make(chan struct{}, ofSite)}
		f.sites[site] = own
	}
	own.users++
	f.mu.Unlock()
	taken := []chan struct{}{}
	free = func() {
		for _, slots := range taken {
			<-slots
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(f.sites, site)
		}
	}
	for _, slots := range []chan struct{}{own.slots, f.slots} {
		select {
		case slots <- struct{}{}:
			taken = append(taken, slots)
		case <-ctx.Done():
			free()
			return nil, failedTooMany
		}
	}
	return free, nil
}

// SiteOf returns the domain that was registered with a registry, so that all names below
// it are one site; for an address or a lone name, the host itself.
func SiteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if registered, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		if _, err := netip.ParseAddr(host); err != nil {
			return registered
		}
	}
	return host
}
