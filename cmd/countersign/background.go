package main

import (
	"context"
	"sync"
)

// background is what a server does beside its requests, until it ends: nothing of it goes on
// when the store is closed.
type background struct {
	env  *Environment
	stop context.CancelFunc
	work sync.WaitGroup
}

func newBackground(env *Environment) *background {
	ctx, stop := context.WithCancel(env.Context)
	own := *env
	own.Context = ctx
	return &background{env: &own, stop: stop}
}

// newBackgroundToTheEnd is of what goes on while requests finish, when the environment's context has ended already.
func newBackgroundToTheEnd(env *Environment) *background {
	lasting := *env
	lasting.Context = context.WithoutCancel(env.Context)
	return newBackground(&lasting)
}

// run begins work, which ends with the context of the environment that it is given.
func (b *background) run(work func(*Environment)) {
	b.work.Go(func() { work(b.env) })
}

// end ends all work, and returns when it has ended.
func (b *background) end() {
	b.stop()
	b.work.Wait()
}
