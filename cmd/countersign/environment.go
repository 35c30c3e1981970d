package main

import (
	"context"
	"io"
	"os"
	"time"
)

// Environment is everything a command takes from the world outside. Tests and
// the whole-program scripts put their own clock and waiting into it.
type Environment struct {
	Context        context.Context // ends on SIGINT and SIGTERM
	Args           []string        // without the program's name
	Getenv         func(string) string
	Environ        []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time // in the time zone that people read
	Wait           func(context.Context, time.Duration) error
	Rand           io.Reader
	Hangups        func() <-chan os.Signal // of SIGHUP, which ends the program unless a command asks for them
}

// hangups returns the channel of SIGHUP; it is nil where there are none.
func (e *Environment) hangups() <-chan os.Signal {
	if e.Hangups == nil {
		return nil
	}
	return e.Hangups()
}

// exitError ends the program with a certain exit code. With a nil err there is
// nothing more to say: the command has written its own words already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }
