#!/usr/bin/env bash
# Debian zbarimg 0.23.92 reads a Swedish name in a QR code as Chinese characters.
#
# Expected: bytes of a QR code without an ECI are ISO 8859-1 (ISO/IEC 18004), so the name that one Debian package writes is
#           the name that the other reads.
# Seen:     the reader guesses the character set from the bytes: "ANNA ÅSTRÖM" is taken for Big5 and nothing is reported, though
#           "Jürgen Größe" is read as written. With the character set in the code (ECI 3 or 26) both are right.
# Source:   Debian packages zint 2.11.1-1 (writer) and zbar-tools 0.23.92-7+deb12u1 (reader); ISO/IEC 18004.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{ apt-get download zint=2.11.1-1 libzint2.11=2.11.1-1 && for deb in ./*.deb; do dpkg -x "$deb" root; done; } >log 2>&1 ||
  { cat log >&2; echo "could not fetch zint 2.11.1-1 (apt-get update first?)" >&2; exit 2; }
command -v zbarimg >/dev/null || apt-get install -y -qq --no-install-recommends zbar-tools=0.23.92-7+deb12u1 >log 2>&1 ||
  { cat log >&2; echo "could not install zbar-tools 0.23.92-7+deb12u1" >&2; exit 2; }
[ "$(zbarimg --version)" = 0.23.92 ] || { echo "another zbarimg is installed" >&2; exit 2; }
zint() { LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libzint.so.*' -print -quit)") root/usr/bin/zint "$@"; }
read_back() {
  local name=$1
  shift
  zint --barcode=QRCODE --quietzones --scale=4 --output=code.png --data="$name" "$@" 2>/dev/null
  zbarimg --quiet --nodbus --raw code.png 2>/dev/null
}
for name in "Jürgen Größe" "ANNA ÅSTRÖM"; do
  echo "$name: no ECI $(read_back "$name"), ECI 3 $(read_back "$name" --eci=3), ECI 26 $(read_back "$name" --eci=26)"
done | tee seen
cat >expected <<'TXT'
Jürgen Größe: no ECI Jürgen Größe, ECI 3 Jürgen Größe, ECI 26 Jürgen Größe
ANNA ÅSTRÖM: no ECI ANNA 露TR焌, ECI 3 ANNA ÅSTRÖM, ECI 26 ANNA ÅSTRÖM
TXT
diff expected seen && echo "As described: zbarimg 0.23.92 guesses the character set, and guesses wrong."
