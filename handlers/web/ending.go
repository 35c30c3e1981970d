package web

import "context"

type endingKey struct{}

// WithEnding returns the base context of a server whose requests may learn that it is about to
// end: an answer that goes on for minutes must not hold the end up.
func WithEnding(ctx context.Context, ending <-chan struct{}) context.Context {
	return context.WithValue(ctx, endingKey{}, ending)
}

// Ending returns a channel that is closed when the server of this request begins to end;
// nil when the server does not say.
func Ending(ctx context.Context) <-chan struct{} {
	ending, _ := ctx.Value(endingKey{}).(<-chan struct{})
	return ending
}
