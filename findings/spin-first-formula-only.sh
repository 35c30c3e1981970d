#!/usr/bin/env bash
# Debian spin 6.5.2 checks only the first of a model's formulas, and exits 0 when the one that it checks is broken.
#
# Expected: `spin -run` on a model with two ltl formulas checks both, as it compiles both; and, as with other checkers, a
#           broken formula gives an exit status other than 0, so that CI stops.
# Seen:     the second formula is broken, and "errors: 0" is printed: one formula a run, the first unless -ltl names another.
#           With -ltl the error is found and a trail is written; the exit status is 0 even so.
# Source:   Debian package spin 6.5.2+dfsg-1, with gcc.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{ apt-get download spin=6.5.2+dfsg-1 && dpkg -x spin_*.deb root && command -v gcc; } >log 2>&1 ||
  { cat log >&2; echo "could not fetch spin 6.5.2+dfsg-1 (apt-get update first?), or no gcc" >&2; exit 2; }
cat >decision.pml <<'PML'
/* Two operators decide on one request, and nothing keeps the second from deciding too. */
byte decisions;

active [2] proctype operator() { decisions++ }

ltl bounded { [] (decisions <= 2) }
ltl once    { [] (decisions <= 1) }
PML
run() {
  local name=$1 status=0
  shift
  root/usr/bin/spin -run "$@" decision.pml >out 2>&1 || status=$?
  echo "$name: checked $(sed -n 's/.*never claim.*+ (\(.*\))$/\1/p' out), $(grep -o 'errors: [0-9]*' out), exit status $status"
}
cat >expected <<'TXT'
both formulas in the model: checked bounded, errors: 0, exit status 0
-ltl once: checked once, errors: 1, exit status 0
TXT
{ run "both formulas in the model"; run "-ltl once" -ltl once; } | tee seen
diff expected seen && echo "As described: spin 6.5.2 checks one formula a run, and says what it found in words only."
