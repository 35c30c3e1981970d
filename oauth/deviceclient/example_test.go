package deviceclient_test

import (
	"context"
	"fmt"
	"net/http"

	"countersign/oauth/deviceclient"
)

// Example is the package comment's example, compiled.
func Example() {
	connect := func(ctx context.Context) error {
		file := deviceclient.FileState{Path: "phone.json"}
		state, err := file.Load()
		if err != nil {
			return err
		}
		phone := &deviceclient.Client{Issuer: "https://counter.example", State: state, Save: file.Save}
		if err := phone.Register(ctx, deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}); err != nil {
			return err
		}
		if phone.State.Authorization == nil {
			err := phone.RequestAuthorization(ctx, deviceclient.Request{LoginHint: "anna@example.org", InstanceName: "Anna's phone"})
			if err != nil {
				return err
			}
		}
		fmt.Println("Show this at the counter:", phone.State.Authorization.UserCode.Reveal())
		if err := phone.WaitForTokens(ctx); err != nil {
			return err
		}
		answer, err := phone.Call(ctx, http.MethodGet, "https://counter.example/api/whoami")
		if err != nil {
			return err
		}
		return answer.Body.Close()
	}
	_ = connect
}
