#!/usr/bin/env bash
# Go module github.com/a-h/templ 0.3.977 replaces a relative link by about:invalid when its query or fragment has a colon.
#
# Expected: "?at=10:00" and "requests?scope=urn:example:read" are relative references without a scheme: a colon is allowed in a
#           query and a fragment (RFC 3986 §3.4, §3.5), and only the first path segment may not hold one (§4.2). A filter that is
#           a link, with a time or a URN in it, works.
# Seen:     what stands before the colon is taken for a scheme that is not allowed, unless a "/" stands before it. The link
#           leads nowhere, and nothing is logged. With "/" in front, or the colon as %3A, it is kept.
# Source:   Go module github.com/a-h/templ 0.3.977; RFC 3986 §3.4, §3.5, §4.2. net/url of Go reads none of them with a scheme.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/url"

	"github.com/a-h/templ"
)

func main() {
	for _, link := range []string{
		"?at=10:00", "requests?scope=urn:example:read", "#entry:17", "/requests?at=10:00", "?at=10%3A00",
	} {
		reference, err := url.Parse(link)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s has scheme %q, becomes %s\n", link, reference.Scheme, templ.URL(link))
	}
}
GO
{ go mod init seen && go get github.com/a-h/templ@v0.3.977 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with templ 0.3.977" >&2; exit 2; }
cat >expected <<'TXT'
?at=10:00 has scheme "", becomes about:invalid#TemplFailedSanitizationURL
requests?scope=urn:example:read has scheme "", becomes about:invalid#TemplFailedSanitizationURL
#entry:17 has scheme "", becomes about:invalid#TemplFailedSanitizationURL
/requests?at=10:00 has scheme "", becomes /requests?at=10:00
?at=10%3A00 has scheme "", becomes ?at=10%3A00
TXT
./program | tee seen
diff expected seen && echo "As described: templ 0.3.977 takes a colon in a query for the end of a scheme."
