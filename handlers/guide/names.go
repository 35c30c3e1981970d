package guide

import (
	"context"

	"countersign/views"
)

// audienceName says for whom a text of docs/help is.
func audienceName(ctx context.Context, audience string) string {
	switch audience {
	case "operator":
		return views.Say(ctx, "Operators")
	case "supervisor":
		return views.Say(ctx, "Supervisors")
	case "administrator":
		return views.Say(ctx, "Administrators")
	}
	return views.Say(ctx, "People with a phone")
}
