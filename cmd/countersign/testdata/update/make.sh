#!/bin/sh -eu
# Makes 56942bf.tar.gz anew: the script beside this one, run by that commit's own program. It needs git and Go, and some minutes.
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$(git rev-parse --show-toplevel)" archive 56942bf | tar --extract --directory "$work"
rm "$work"/cmd/countersign/testdata/script/*
sed "s#OUTPUT#$here/56942bf.tar.gz#" 56942bf.txtar >"$work/cmd/countersign/testdata/script/fixture.txtar"
cd "$work"
go test ./cmd/countersign -count 1 -run '^TestScripts$/^fixture$'
