package main

import (
	"fmt"

	"github.com/alecthomas/kong"
)

// toggle is a switch kept as text, so that a wrong value is reported together
// with everything else that is wrong. On the command line it needs no value.
type toggle string

// Decode is part of kong.MapperValue.
func (t *toggle) Decode(ctx *kong.DecodeContext) error {
	*t = "true"
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		*t = toggle(fmt.Sprint(ctx.Scan.Pop().Value))
	}
	return nil
}

// IsBool is part of kong.BoolMapperValue.
func (t *toggle) IsBool() bool { return true }
