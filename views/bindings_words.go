package views

import "context"

func orNoName(ctx context.Context, label string) string {
	if label == "" {
		return say(ctx, "A device without a name")
	}
	return label
}

func orNeverUsed(ctx context.Context, when string) string {
	if when == "" {
		return say(ctx, "never used")
	}
	return when
}
