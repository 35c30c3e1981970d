package views

import "context"

// RoleName is a staff role in words.
func RoleName(ctx context.Context, role string) string {
	switch role {
	case "operator":
		return say(ctx, "operator")
	case "supervisor":
		return say(ctx, "supervisor")
	case "administrator":
		return say(ctx, "administrator")
	}
	return role
}

// AccountStatus is an account's status in words.
func AccountStatus(ctx context.Context, status string) string {
	switch status {
	case "active":
		return say(ctx, "active")
	case "suspended":
		return say(ctx, "suspended")
	case "locked":
		return say(ctx, "locked")
	case "closed":
		return say(ctx, "closed")
	}
	return status
}
