package limits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Row is a kind of limit whose numbers can be set. Its values are the names in the setting --limit.
type Row string

// The rows, in the order in which they are shown.
const (
	Registrations      Row = "registrations"      // by network, first-comers
	RegistrationsBack  Row = "registrations-back" // by network, who waited as they were told
	RegistrationsOfAll Row = "registrations-all"  // of the process
	RequestsOfClient   Row = "client-requests"    // for codes, by client
	RequestsOfNetwork  Row = "requests"           // for codes, by network: first-comers, and again who waited
	RequestsOfAll      Row = "requests-all"       // for codes, of the process
	RequestsOfHint     Row = "identifier-requests"
	Client             Row = "client"          // whatever it asks
	FailedOfClient     Row = "failed-client"   // authentications, by client within a network
	FailedUnknown      Row = "unknown-clients" // authentications that name no client of ours, by network
	KeyChanges         Row = "key-changes"
	KeyFetches         Row = "key-fetches"
	ProviderKeys       Row = "provider-keys"
	LogReads           Row = "log-reads"
	Searches           Row = "searches"
	Codes              Row = "codes"
)

// rows are the numbers of the levels. At Off there are none.
var rows = []struct {
	row            Row
	normal, strict Rate
}{
	{Registrations, Rate{30, time.Minute}, Rate{5, 10 * time.Minute}},
	{RegistrationsBack, Rate{30, 5 * time.Second}, Rate{20, 30 * time.Second}},
	{RegistrationsOfAll, Rate{1200, time.Second / 10}, Rate{300, time.Second}},
	{RequestsOfClient, Rate{10, time.Minute}, Rate{5, 10 * time.Minute}},
	{RequestsOfNetwork, Rate{120, 2 * time.Second}, Rate{20, time.Minute}},
	{RequestsOfAll, Rate{3000, time.Second / 50}, Rate{600, time.Second / 5}},
	{RequestsOfHint, Rate{20, 3 * time.Minute}, Rate{10, 10 * time.Minute}},
	{Client, Rate{60, time.Second / 2}, Rate{30, time.Second}},
	{FailedOfClient, Rate{60, time.Second}, Rate{20, 10 * time.Second}},
	{FailedUnknown, Rate{60, time.Second}, Rate{20, 10 * time.Second}},
	{KeyChanges, Rate{10, time.Minute}, Rate{5, 10 * time.Minute}},
	{KeyFetches, Rate{60, time.Second / 10}, Rate{20, time.Second}},
	{ProviderKeys, Rate{10, 2 * time.Second}, Rate{10, 2 * time.Second}},
	{LogReads, Rate{600, time.Second / 50}, Rate{200, time.Second / 10}},
	{Searches, Rate{60, 2 * time.Second}, Rate{20, 6 * time.Second}},
	{Codes, Rate{60, 10 * time.Second}, Rate{30, time.Minute}},
}

// Rows are all rows, in the order in which they are shown.
func Rows() (all []Row) {
	for _, one := range rows {
		all = append(all, one.row)
	}
	return all
}

// Own are the numbers of an operator's own. A row that is not there has its level's.
type Own map[Row]Rate

// Bounds of numbers of one's own. A bucket that is slower or larger holds nobody, or everybody for weeks.
const (
	MostBurst = 100_000
	slowest   = time.Hour
	fastest   = time.Second / 10_000
)

// Errors of ParseRate, each with what to do.
var (
	ErrNoRate     = errors.New("it says how many at once, and not how often after that")
	ErrBurst      = fmt.Errorf("how many at once is not a whole number from 1 to %d", MostBurst)
	ErrRate       = errors.New("how often is not a number, a stroke and a length of time")
	ErrRateBounds = errors.New("how often is out of bounds")
)

// ParseRate reads "120,1/2s": 120 at once, then one in 2 seconds; or "600,50/1s": then 50 a second. Errors: ErrNoRate, ErrBurst,
// ErrRate, ErrRateBounds.
func ParseRate(text string) (Rate, error) {
	burst, often, has := strings.Cut(text, ",")
	n, err := strconv.Atoi(strings.TrimSpace(burst))
	if err != nil || n < 1 || n > MostBurst {
		return Rate{}, ErrBurst
	}
	if !has {
		return Rate{}, ErrNoRate
	}
	count, length, has := strings.Cut(strings.TrimSpace(often), "/")
	times, err := strconv.Atoi(count)
	every, notLength := time.ParseDuration(length)
	if !has || err != nil || notLength != nil || times < 1 || every <= 0 {
		return Rate{}, ErrRate
	}
	rate := Rate{n, every / time.Duration(times)}
	if rate.Every < fastest || rate.Every > slowest {
		return Rate{}, ErrRateBounds
	}
	return rate, nil
}

// String is the rate as ParseRate reads it.
func (r Rate) String() string {
	const most = 10_000
	for times := 1; times <= most; times++ {
		length := r.Every * time.Duration(times)
		if whole := length.Round(time.Second); whole > 0 && (length-whole).Abs() <= time.Duration(times) {
			return fmt.Sprintf("%d,%d/%s", r.Burst, times, short(whole))
		}
	}
	return fmt.Sprintf("%d,1/%s", r.Burst, r.Every)
}

// short leaves out what time.Duration writes as 0.
func short(length time.Duration) string {
	text := strings.TrimSuffix(length.String(), "0s")
	if strings.HasSuffix(text, "h0m") {
		return strings.TrimSuffix(text, "0m")
	}
	if strings.HasSuffix(text, "m") || strings.HasSuffix(text, "h") {
		return text
	}
	return length.String()
}

// RateOf is what a row has at a level, with numbers of one's own; limited is false where it has none.
func RateOf(level Level, own Own, row Row) (rate Rate, limited bool) {
	return numbers{level, own}.rate(row)
}

// numbers give each row its rate.
type numbers struct {
	level Level
	own   Own
}

func (n numbers) rate(row Row) (Rate, bool) {
	if rate, is := n.own[row]; is {
		return rate, true
	}
	for _, one := range rows {
		switch {
		case one.row != row || n.level == Off:
		case n.level == Strict:
			return one.strict, true
		default:
			return one.normal, true
		}
	}
	return Rate{}, false
}

func (n numbers) kind(what string, row Row) *Buckets {
	rate, limited := n.rate(row)
	if !limited {
		return nil
	}
	return NewBuckets(what, Default, rate, rate)
}

func (n numbers) networks(what string, row Row) *Networks {
	rate, limited := n.rate(row)
	if !limited {
		return nil
	}
	return NewNetworks(what, Default, rate, rate)
}

// turns are those of two rows by network, each under a ceiling of its own. Where only some of the three are set, the others limit
// nothing; but who waited is not let in without limit beside first-comers who have one.
func (n numbers) turns(what string, first, back, all Row) *Turns {
	if _, limited := n.rate(back); !limited {
		back = first
	}
	under := func(row Row) *Networks {
		networks, ceiling := n.networks(what, row), n.kind(what, all)
		if networks == nil && ceiling != nil {
			networks = &Networks{}
		}
		return networks.under(ceiling)
	}
	if first := under(first); first != nil {
		return newTurns(what, first, under(back))
	}
	if back := under(back); back != nil {
		return newTurns(what, &Networks{}, back)
	}
	return nil
}
