package views

import (
	"context"

	"countersign/audit/term"
)

// RoleName is a staff role in words.
func RoleName(ctx context.Context, role string) string { return say(ctx, term.Role(role).Label()) }

// AccountStatus is an account's status in words.
func AccountStatus(ctx context.Context, status string) string {
	return say(ctx, term.AccountStatus(status).Label())
}
