package limits_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"countersign/handlers/limits"
)

// What is read as a rate is written so again.
func TestParseRate(t *testing.T) {
	for text, want := range map[string]limits.Rate{
		"120,1/2s":        {Burst: 120, Every: 2 * time.Second},
		"600,50/1s":       {Burst: 600, Every: 20 * time.Millisecond},
		"5,1/10m":         {Burst: 5, Every: 10 * time.Minute},
		"1,1/1h":          {Burst: 1, Every: time.Hour},
		"90,1/1m30s":      {Burst: 90, Every: 90 * time.Second},
		"10,3/2s":         {Burst: 10, Every: 2 * time.Second / 3},
		"100000,10000/1s": {Burst: 100_000, Every: time.Second / 10_000},
	} {
		got, err := limits.ParseRate(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": limits.ErrBurst, "0,1/2s": limits.ErrBurst, "-5,1/2s": limits.ErrBurst, "100001,1/2s": limits.ErrBurst, "many,1/2s": limits.ErrBurst,
		"120": limits.ErrNoRate, "120,": limits.ErrRate, "120,2s": limits.ErrRate, "120,0/2s": limits.ErrRate, "120,-1/2s": limits.ErrRate,
		"120,1/0s": limits.ErrRate, "120,1/-2s": limits.ErrRate, "120,1/soon": limits.ErrRate, "120,1/2s,9": limits.ErrRate,
		"120,1/2h": limits.ErrRateBounds, "120,20000/1s": limits.ErrRateBounds,
	} {
		if got, err := limits.ParseRate(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

// The numbers of the levels are within the bounds of one's own, and each row has some at both.
func TestLevelsAreWithinTheBounds(t *testing.T) {
	for _, row := range limits.Rows() {
		for _, level := range []limits.Level{limits.Default, limits.Strict} {
			rate, limited := limits.RateOf(level, nil, row)
			if again, err := limits.ParseRate(rate.String()); !limited || err != nil || again != rate {
				t.Errorf("%s, %s: %v is read as %v, %v", level, row, rate, again, err)
			}
		}
		if _, limited := limits.RateOf(limits.Off, nil, row); limited {
			t.Errorf("%s is limited at off", row)
		}
	}
}

// The decision's table has the numbers of the program.
func TestTableOfTheDecision(t *testing.T) {
	page, err := os.ReadFile("../../docs/decisions/0076-limits-in-numbers.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range limits.Rows() {
		normal, _ := limits.RateOf(limits.Default, nil, row)
		strict, _ := limits.RateOf(limits.Strict, nil, row)
		head, tail := fmt.Sprintf("\n| `%s` | ", row), fmt.Sprintf(" | %s | %s |\n", normal, strict)
		_, line, there := strings.Cut(string(page), head)
		line, _, _ = strings.Cut(line, "\n")
		if !there || !strings.HasSuffix(line+"\n", tail) {
			t.Errorf("%s has%s, the page %q", row, tail, line)
		}
	}
}
