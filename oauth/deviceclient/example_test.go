package deviceclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/oauth/deviceclient"
)

// connect is the example of the package comment, as an app that is given its phone.
func connect(ctx context.Context, phone *deviceclient.Client, keptAt string) error {
	file := deviceclient.FileState{Path: keptAt}
	state, err := file.Load()
	if err != nil {
		return err
	}
	phone.State, phone.Save = state, file.Save
	if err := phone.Register(ctx, deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}); err != nil {
		return err
	}
	if phone.State.Authorization == nil && phone.State.Tokens == nil {
		err := phone.RequestAuthorization(ctx, deviceclient.Request{LoginHint: "anna@example.org", InstanceName: "Anna's phone"})
		if err != nil {
			return err
		}
	}
	if phone.State.Tokens == nil {
		fmt.Println("Show this at the counter:", phone.State.Authorization.UserCode.Reveal())
		if err := phone.WaitForTokens(ctx); err != nil {
			return err
		}
	}
	answer, err := phone.Call(ctx, http.MethodGet, phone.Issuer+"/api/whoami")
	if err != nil {
		return err
	}
	fmt.Println("The API answers", answer.Status)
	return answer.Body.Close()
}

// The package comment has what is run here.
func TestTheExampleIsRun(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	must(t, err)
	_, example, _ := strings.Cut(string(comment), "// # Example\n")
	here, err := os.ReadFile("example_test.go")
	must(t, err)
	code := 0
	for line := range strings.Lines(example) {
		if line, is := strings.CutPrefix(line, "//\t"); is {
			code++
			if !strings.Contains(string(here), "\t"+line) {
				t.Errorf("not run: %s", line)
			}
		}
	}
	if code < 20 {
		t.Errorf("only %d lines", code)
	}
}

// The app is stopped while it waits, and started twice more with what it kept: it neither registers nor asks again.
func Example() {
	peer := startPeer(nil) // a server that says twice that nobody has decided, and then that it is approved
	defer peer.server.Close()
	peer.script["/token"] = []reply{pending, pending, granted}
	peer.script["/api/whoami"] = []reply{{status: http.StatusOK}}
	folder, err := os.MkdirTemp("", "phone")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	for range 3 {
		ctx, stop := context.WithCancel(context.Background())
		polls := 0
		phone := &deviceclient.Client{
			Issuer: peer.server.URL,
			Wait:   func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, // here only: an app lets it wait
			Note: func(context.Context, deviceclient.PollPause) {
				if polls++; polls == 3 {
					stop()
				}
			},
		}
		if err := connect(ctx, phone, filepath.Join(folder, "phone.json")); err != nil {
			fmt.Println("Stopped:", err)
		}
		stop()
	}
	// Output:
	// Show this at the counter: WDJB-MJHT
	// Stopped: context canceled
	// Show this at the counter: WDJB-MJHT
	// The API answers 200 OK
	// The API answers 200 OK
}

// What an app says of what WaitForTokens returned.
func ExampleClient_WaitForTokens() {
	say := func(err error) string {
		refusal, _ := errors.AsType[*deviceclient.Error](err)
		switch code := deviceclient.ErrorCode(err); {
		case err == nil:
			return "This phone is connected."
		case errors.Is(err, context.Canceled):
			return "Not decided yet. Open the app once after your visit."
		case code == deviceclient.ErrAccessDenied && refusal.DeclineReason == deviceclient.DeclinedDocumentExpired:
			return "Your ID document has expired. Bring one that is valid, and start again."
		case code == deviceclient.ErrAccessDenied:
			return "Your request was declined at the counter."
		case code == deviceclient.ErrExpiredToken:
			return "The time for this is over. Start again."
		}
		return "This app has to be set up again: " + err.Error()
	}
	fmt.Println(say(nil))
	fmt.Println(say(context.Canceled))
	fmt.Println(say(&deviceclient.Error{Code: "access_denied", DeclineReason: "document_expired"}))
	fmt.Println(say(&deviceclient.Error{Code: "access_denied"}))
	fmt.Println(say(&deviceclient.Error{Code: "expired_token"}))
	fmt.Println(say(&deviceclient.Error{Code: "invalid_client", Description: "unknown client"}))
	// Output:
	// This phone is connected.
	// Not decided yet. Open the app once after your visit.
	// Your ID document has expired. Bring one that is valid, and start again.
	// Your request was declined at the counter.
	// The time for this is over. Start again.
	// This app has to be set up again: invalid_client: unknown client
}

// What a phone shows while it waits, with no network. The square changes every PresenceRenewal.
func ExampleClient_Presence() {
	key, err := deviceclient.NewKey(nil)
	if err != nil {
		panic(err)
	}
	phone := &deviceclient.Client{Issuer: "https://id.example.org", State: deviceclient.State{
		ClientID: "mzxw6ytboi4dknbrgq2dgnjvha", Key: key,
		Authorization: &deviceclient.DeviceAuthorization{UserCode: "WDJB-MJHT"},
	}}
	square, err := phone.Presence(time.Now())
	if err != nil {
		panic(err)
	}
	fmt.Println(phone.State.Authorization.UserCode.Reveal(), square.Reveal()[:5])
	// Output: WDJB-MJHT PRES1
}
