package main

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"countersign/handlers/limits"
	"countersign/models"
)

// Each row of the limits can be set, by a flag, a variable or the file of settings, and the others stay the level's.
func TestLimitsInNumbers(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "settings.json", `{"limit": ["codes=7,3/2s", "waiting-requests=5"]}`)
	for _, given := range []struct {
		environ []string
		args    []string
	}{
		{nil, []string{"--limit", "codes=7,3/2s", "--limit", "waiting-requests=5"}},
		{[]string{"COUNTERSIGN_LIMIT=codes=7,3/2s; waiting-requests=5"}, nil},
		{nil, []string{"--config", file}},
	} {
		args := append(append([]string{"config", "show"}, serveArgs()[1:]...), given.args...)
		got := runWith(t, given.environ, "", args...)
		if !strings.Contains(strings.Join(strings.Fields(got.stdout), " "), "--limit codes=7,3/2s; waiting-requests=5") {
			t.Errorf("%v, %v: %d %s%s", given.environ, given.args, got.code, got.stdout, got.stderr)
		}
	}
	c := &checks{}
	f := ServeFlags{Limit: []string{" wrong-codes = 40 ", "\u2068waiting-requests=4\u2069", // as the policies page has it
		"wrong-codes-account=8", "waiting-from-network=20"}}
	for _, row := range limits.Rows() {
		f.Limit = append(f.Limit, string(row)+"=7,3/2s")
	}
	var p models.Policy
	own := f.ownLimits(c, &p)
	for _, row := range limits.Rows() {
		if got := own[row]; got != (limits.Rate{Burst: 7, Every: 2 * time.Second / 3}) {
			t.Errorf("%s is %v", row, got)
		}
	}
	want := models.Policy{WrongCodesPerOperator: 40, WrongCodesThatLock: 8, WaitingPerPhone: 4, WaitingPerNetwork: 20}
	if !reflect.DeepEqual(p, want) || len(c.problems) > 0 {
		t.Errorf("%v: the store has %+v", c.problems, p)
	}
}

// What is offered in the place of a number out of bounds is no looser than what was meant.
func TestLimitOutOfBoundsIsOfferedTheNearest(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"2": "=3", "11": "=10", "none": "=3"} {
		c := &checks{}
		(&ServeFlags{Limit: []string{"wrong-codes-account=" + given}}).ownLimits(c, &models.Policy{})
		if len(c.problems) != 1 || !strings.HasSuffix(c.problems[0].String(), "Write it like wrong-codes-account"+want+".") {
			t.Errorf("%s: %v", given, c.problems)
		}
	}
}

// The whole program holds whoever asks to a number of its operator's own.
func TestServerHoldsToALimitInNumbers(t *testing.T) {
	t.Parallel()
	listen := newAddress(t)
	p := startProduction(t, productionConfig{
		listen: listen, flags: []string{"--limit", "log-reads=3,1/1h"},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	})
	for i := range 4 {
		answer, err := http.Get("http://" + p.listen + "/log/checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if refused := answer.StatusCode == http.StatusTooManyRequests; refused != (i == 3) {
			t.Errorf("read %d: %s", i+1, answer.Status)
		}
	}
}
