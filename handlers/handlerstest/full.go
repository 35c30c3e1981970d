package handlerstest

import (
	"context"
	"time"

	"countersign/handlers/gate"
	"countersign/handlers/web"
)

// Full returns gates in which one of each of these classes may work at once and none waits, with all places taken: by
// requests that end when free is called. The places of other classes are as usual.
func Full(full ...web.Class) (gates *web.Gates, free func()) {
	gates = web.NewGates(1)
	for _, class := range full {
		gates[class] = gate.New(gate.Size{AtWork: 1}, time.After)
		gates[class].Enter(context.Background())
	}
	return gates, func() {
		for _, class := range full {
			gates[class].Leave()
		}
	}
}
