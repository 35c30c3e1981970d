package main

import "context"

// runDelete lets a phone delete its registration (RFC 7592), with one request of its own
// waiting and with many.
func runDelete(ctx context.Context, b *bench) ([]*row, error) {
	many := b.number(1000)
	all, stop, err := b.start(ctx, 1, false)
	if err != nil {
		return nil, err
	}
	d := declines{bench: b}
	for range b.options.rounds {
		for _, c := range all {
			waits := []int{1, many}
			if c.name == oldBuild {
				waits[1] = min(many, oldBuildBears)
			}
			for _, waiting := range waits {
				if err := d.delete(ctx, c, waiting); err != nil {
					return nil, withStop(err, stop)
				}
			}
		}
	}
	return d.rows, stop()
}

func (d *declines) delete(ctx context.Context, c *contender, waiting int) error {
	phones, err := d.register(ctx, c, 1)
	if err != nil {
		return err
	}
	if err := phones[0].ask(ctx, 0); err != nil {
		return err
	}
	if waiting > 1 {
		if err := addLike(ctx, c.database, "device_authorizations", "client_id", phones[0].State.ClientID, waiting-1); err != nil {
			return err
		}
	}
	return d.measure(ctx, c, d.row("delete the client, %d waiting", waiting), 1,
		func(ctx context.Context, _ int) error { return phones[0].Deregister(ctx) })
}
