//go:build unix

package models_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// The most that an issue costs SQLite when eight are made at once and 400 requests are there: pages of 2 KiB in the write-ahead
// log, 64 to 69 in four runs; each wrote 24 of 4 KiB when it had random keys and was alone. And statements beside BEGIN, COMMIT and
// savepoints; and the most objects that one allocates which is alone, half of what they were when gorm built each statement.
const (
	pagesOfEightIssues   = 75
	statementsOfAnIssue  = 8
	allocationsOfAnIssue = 420
)

// askingWithProofs is a request of a phone whose assertion and DPoP proof end in five minutes.
func askingWithProofs(env *modelstest.Env, client models.Client, number int) models.DeviceAuthorizationRequest {
	until := env.Clock.Now().Add(5 * time.Minute)
	return models.DeviceAuthorizationRequest{
		Client: client, LoginHint: fmt.Sprintf("K-%d", number), Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint,
		Address: modelstest.Address, Proofs: []models.UsedProof{
			{Kind: "assertion", Owner: client.ID, ID: fmt.Sprint("assertion ", number), Until: until},
			{Kind: "dpop", Owner: modelstest.Thumbprint, ID: fmt.Sprint("proof ", number), Until: until},
		},
	}
}

// docs/decisions/0058-fewer-pages.md: an issue writes few pages and asks few statements.
func TestAnIssueWritesFewPages(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	clients := make([]models.Client, 50)
	for i := range clients {
		clients[i] = env.Client(t)
		env.Clock.Advance(time.Second)
	}
	asked := 0
	ask := func() func() {
		asked++
		number := asked
		return func() {
			if _, err := env.RequestDeviceAuthorization(env.Context, askingWithProofs(env, clients[number%len(clients)], number)); err != nil {
				t.Error(err)
			}
		}
	}
	for range 400 {
		ask()()
		env.Clock.Advance(time.Second)
	}
	emptyLog(t, env)
	all := statements(t, env)
	const together = 8
	asks := make([]func(), together)
	for i := range asks {
		asks[i] = ask()
	}
	if err := behind(t, env, asks...); err != nil {
		t.Fatal(err)
	}
	pages, commits := walFrames(t, env)
	t.Logf("%d pages, %d statements for %d issues", pages, len(*all), together)
	const front = 1 // statement of the write that they wait for
	if commits != 1 || pages > pagesOfEightIssues || len(*all) > together*statementsOfAnIssue+front {
		t.Errorf("%d commits, %d pages and %d statements for %d issues", commits, pages, len(*all), together)
	}
}

// docs/decisions/0063-plain-statements.md: what an issue asks is built by nobody.
func TestAnIssueAllocatesLittle(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	client := env.Client(t)
	database, err := models.Connect(t.Context(), env.Address, slog.New(slog.DiscardHandler)) // whose statements nobody watches
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	store, err := models.Open(t.Context(), database, models.Config{
		Issuer: modelstest.Issuer, Now: env.Clock.Now, Rand: rand.Reader, MasterKey: modelstest.MasterKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	allocated := testing.AllocsPerRun(100, func() {
		if _, err := store.RequestDeviceAuthorization(t.Context(), askingWithProofs(env, client, asked)); err != nil {
			t.Error(err)
		}
		asked++
	})
	if t.Logf("%.0f objects", allocated); allocated > allocationsOfAnIssue {
		t.Errorf("an issue allocates %.0f objects", allocated)
	}
}

// What many are made of has an identifier of the usual shape that sorts by the time; the rest of it is random.
func TestIdentifiersSortByTime(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	shape := regexp.MustCompile(`^[a-z2-7]{26}$`)
	var clients, requests, events []string
	for i := range 40 {
		client := env.Client(t)
		codes, err := env.RequestDeviceAuthorization(env.Context, askingWithProofs(env, client, i))
		if err != nil {
			t.Fatal(err)
		}
		clients, requests = append(clients, client.ID), append(requests, codes.DeviceAuthorizationID)
		if !shape.MatchString(client.ID) || !shape.MatchString(codes.DeviceAuthorizationID) {
			t.Errorf("%q, %q", client.ID, codes.DeviceAuthorizationID)
		}
		if i > 0 && (client.ID[8:] == clients[i-1][8:] || codes.DeviceAuthorizationID[8:] == requests[i-1][8:]) {
			t.Error("they differ in the time only")
		}
		env.Clock.Advance(4 * time.Millisecond)
	}
	if err := env.Reader().Raw("SELECT jti FROM audit_events WHERE type = 'device-authorization-requested' ORDER BY seq").
		Scan(&events).Error; err != nil {
		t.Fatal(err)
	}
	operator, accountID := env.Operator(t, "op"), env.Account(t, "ada@example.com")
	var bindings, proofings []string
	for range 3 {
		codes := env.Request(t, env.Client(t), "ada@example.com")
		approval := env.Approve(t, operator, accountID, codes)
		d, err := env.DeviceAuthorization(env.Context, codes.DeviceAuthorizationID)
		if err != nil || d.ProofingID == nil || !shape.MatchString(*d.ProofingID) || !shape.MatchString(approval.Binding.ID) {
			t.Fatalf("%+v, %v", d, err)
		}
		bindings, proofings = append(bindings, approval.Binding.ID), append(proofings, *d.ProofingID)
		env.Clock.Advance(4 * time.Millisecond)
	}
	if !slices.IsSorted(bindings) || !slices.IsSorted(proofings) {
		t.Errorf("%q\n%q", bindings, proofings)
	}
	if len(events) != 40 || !slices.IsSorted(clients) || !slices.IsSorted(requests) || !slices.IsSorted(events) {
		t.Errorf("%q\n%q\n%q", clients, requests, events)
	}
}

// docs/decisions/0080-shorter-proofs.md: what is kept of a used proof is short on SQLite, whoever its phone is, and begins with its end.
func TestUsedProofsAreShort(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	request := askingWithProofs(env, env.Client(t), 1)
	if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := env.Reader().Raw("SELECT key FROM used_proofs").Scan(&keys).Error; err != nil || len(keys) != len(request.Proofs) {
		t.Fatalf("%q, %v", keys, err)
	}
	for _, key := range keys {
		if len(key) != 24 || !strings.HasPrefix(key, oauth.SortableTime(request.Proofs[0].Until)) {
			t.Errorf("it lies under %q", key)
		}
	}
}

// A proof pays once, also when a program from before remembered it and the database was migrated since: by its plain key, as
// PostgreSQL does to this day, or by its end and all of its hash. Proofs of others pay.
func TestAProofOfBeforeHasPaid(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			address := modelstest.Empty(t, dialect)
			database := modelstest.Connect(t, address)
			if err := database.MigrateTo(t.Context(), 74); err != nil {
				t.Fatal(err)
			}
			until := modelstest.NewClock().Now().Add(5*time.Minute + 4*time.Millisecond)
			proof := func(kind, id string) models.UsedProof {
				return models.UsedProof{Kind: kind, Owner: "a phone", ID: id, Until: until}
			}
			var before []models.UsedProof
			for i, kind := range []string{"assertion", "dpop", "assertion", "dpop"} {
				p := proof(kind, fmt.Sprint("before ", i))
				key := models.PlainKeyForTest(p)
				if i >= 2 {
					key = oauth.SortableTime(until) + key
				}
				if err := models.WriterForTest(database).Exec("INSERT INTO used_proofs (key, expires_at) VALUES (?, ?)", key,
					models.At(until)).Error; err != nil {
					t.Fatal(err)
				}
				before = append(before, p)
			}
			if _, err := database.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			env := modelstest.Open(t, address, models.Policy{})
			client := env.Client(t)
			for i, want := range []error{models.ErrReplayed, models.ErrReplayedProof, models.ErrReplayed, models.ErrReplayedProof} {
				request := askingWithProofs(env, client, i)
				request.Proofs[i%2] = before[i]
				if _, err := env.RequestDeviceAuthorization(env.Context, request); !errors.Is(err, want) {
					t.Errorf("proof %d: %v", i, err)
				}
				request.Proofs[i%2].ID += " another"
				if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
					t.Errorf("another than proof %d: %v", i, err)
				}
			}
		})
	}
}

// Of the two proofs of a request each pays once.
func TestEachProofPaysOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client := env.Client(t)
		for i := range 2 {
			request := askingWithProofs(env, client, 7+i)
			if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
				t.Fatal(err)
			}
			request.Proofs[i].ID += " another"
			if _, err := env.RequestDeviceAuthorization(env.Context, request); err == nil {
				t.Error("the other proof paid twice")
			}
		}
	})
}

// What phones have used is swept by its end, on SQLite by its key; what others have used, too.
func TestUsedProofsAreSwept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client := env.Client(t)
		request := askingWithProofs(env, client, 1)
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
			t.Fatal(err)
		}
		plain := models.PlainKeyForTest(models.UsedProof{Kind: "presence", Owner: client.ID, ID: "shown"})
		if err := models.WriterForTest(env.Database).Exec("INSERT INTO used_proofs (key, expires_at) VALUES (?, ?)", plain,
			models.At(request.Proofs[0].Until)).Error; err != nil {
			t.Fatal(err)
		}
		sorted, wantBefore := "zzzzzzzz"+plain[:16], 4 // as a copy of a SQLite site has it
		if env.Reader().Name() == "sqlite" {           // where it lies by its end, which is over
			sorted, wantBefore = "22222222"+plain[:16], 3
		}
		if err := models.WriterForTest(env.Database).Exec("INSERT INTO used_proofs (key, expires_at) VALUES (?, ?)", sorted,
			models.At(request.Proofs[0].Until)).Error; err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after time.Duration
			left  int
		}{{10*time.Minute - time.Second, wantBefore}, {2 * time.Second, 0}} {
			env.Clock.Advance(step.after)
			if err := env.Sweep(env.Context); err != nil {
				t.Fatal(err)
			}
			if left := rowsIn(t, env, "used_proofs")["used_proofs"]; left != step.left {
				t.Errorf("after %s %d are left", step.after, left)
			}
		}
	})
}
