package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"countersign/oauth"
)

type options struct {
	seed   uint64
	phones int           // that are simulated one by one
	length time.Duration // from an empty site on
}

// phone is a request that waits, and stands for as many as the week's weight.
type phone struct {
	process  int
	interval time.Duration
	ends     time.Duration // of the pending window; after the approval, of the redemption window
	approved time.Duration // when it is; 0 for never
	failures int           // in a row, while nobody answered
	sleeps   bool
}

func (p *phone) canCollect(now time.Duration) bool { return p.approved > 0 && now >= p.approved }

// backlog is what a process has not answered yet.
type backlog struct {
	polls float64
	at    time.Duration
}

// week is what became of a site.
type week struct {
	site   site
	weight float64
	lot    *rand.Rand
	events queue
	phones []phone
	free   []int // numbers of phones that have gone
	loads  []*oauth.PollLoad
	length time.Duration
	now    time.Duration

	backlogs []backlog // of each process

	waiting              int
	connected            []time.Duration // from the approval, of the second half
	lost                 int             // approved, and the redemption window ended
	polls, refused       float64         // of the second half
	leastTold, mostTold  time.Duration   // of the second half
	mostWaiting          int             // as many as it stands for
	meanPolls, mostPolls float64         // a second; the most of ten minutes
	hours                []hour
	bin                  float64 // polls in these ten minutes
}

// hour is a point of the picture.
type hour struct {
	waiting, polls float64 // phones; polls a second
	told           time.Duration
}

var beginning = time.Date(2026, time.November, 30, 0, 0, 0, 0, time.UTC) // a Monday

const bin = 10 * time.Minute

// simulate runs the weeks of one site. Its phones begin with nobody who waits.
func simulate(s site, o options) *week {
	w := &week{
		site: s, weight: max(1, s.waiting()/float64(o.phones)),
		lot:      rand.New(rand.NewPCG(o.seed, uint64(s.accounts))), //nolint:gosec // by lot, no secret
		backlogs: make([]backlog, s.processes), length: o.length, leastTold: math.MaxInt64,
	}
	w.start(0)
	w.events.push(event{w.nextArrival(0), none})
	nextBin := bin
	for len(w.events) > 0 {
		e := w.events.pop()
		w.now = time.Duration(e.at) * time.Millisecond
		for ; nextBin <= w.now && nextBin <= o.length; nextBin += bin {
			w.endBin(nextBin)
		}
		if w.now >= o.length {
			break
		}
		if e.phone == none {
			w.ask()
			continue
		}
		w.poll(e.phone)
	}
	w.meanPolls = w.polls / (o.length / 2).Seconds()
	slices.Sort(w.connected)
	return w
}

// start begins all processes, which remember nothing.
func (w *week) start(at time.Duration) {
	w.loads = nil
	for range w.site.processes {
		w.loads = append(w.loads, oauth.NewPollLoad(beginning.Add(at)))
	}
}

// nextArrival is when the next phone asks: by day three times as often as at night.
func (w *week) nextArrival(after time.Duration) int64 {
	for at := after.Seconds(); ; {
		at += w.lot.ExpFloat64() / (w.site.asked() / w.weight * 1.5)
		hourOfDay := math.Mod(at/3600, 24)
		if byDay := hourOfDay >= 7 && hourOfDay < 22; byDay || w.lot.Float64() < 1.0/3 {
			return int64(at * 1000)
		}
	}
}

// ask is a new request (RFC 8628 §3.1), which is told its interval by the process that it comes to.
func (w *week) ask() {
	w.events.push(event{w.nextArrival(w.now), none})
	if w.isDown() {
		return // the phone asks again later: another arrival
	}
	p := phone{process: w.lot.IntN(w.site.processes), ends: w.now + 7*day, sleeps: w.lot.Float64() < offAtNight}
	p.interval = oauth.PollInterval(w.site.least, w.loads[p.process].Pollers(w.clock()), w.site.rate())
	if w.counts() {
		w.leastTold, w.mostTold = min(w.leastTold, p.interval), max(w.mostTold, p.interval)
	}
	if w.lot.Float64() < comePart {
		p.approved = w.atACounter(w.now + time.Duration(w.lot.ExpFloat64()*float64(comeAfter)))
	}
	if p.approved >= outageBegins && p.approved < outageBegins+outageLasts {
		p.approved += outageLasts // nobody approves then
	}
	if p.approved >= p.ends {
		p.approved = 0 // too late: they start again
	}
	number := len(w.phones)
	if last := len(w.free) - 1; last >= 0 {
		number, w.free = w.free[last], w.free[:last]
		w.phones[number] = p
	} else {
		w.phones = append(w.phones, p)
	}
	w.waiting++
	w.mostWaiting = max(w.mostWaiting, int(float64(w.waiting)*w.weight))
	w.again(number, p.interval)
}

// atACounter returns the first moment from then on at which counters are open: from Monday to Friday, 9 to 17.
func (w *week) atACounter(at time.Duration) time.Duration {
	for {
		when := beginning.Add(at)
		if weekday := when.Weekday(); weekday != time.Saturday && weekday != time.Sunday && when.Hour() >= 9 && when.Hour() < 17 {
			return at
		}
		at += time.Hour
	}
}

// poll is one question of a phone (RFC 8628 §3.4).
func (w *week) poll(number int) {
	p := &w.phones[number]
	switch hour := beginning.Add(w.now).Hour(); {
	case p.sleeps && (hour >= 22 || hour < 7):
		morning := (w.now + 2*time.Hour).Truncate(day) + 7*time.Hour
		w.again(number, morning-w.now+time.Duration(w.lot.Int64N(int64(15*time.Minute))))
		return
	case w.isDown():
		p.failures++
		w.again(number, max(p.interval, min(p.interval<<min(p.failures, 8), 3*time.Minute)))
		return
	case !w.hasRoom(p.process) && !p.canCollect(w.now): // redemptions have places of their own
		w.again(number, max(p.interval, time.Duration(10+w.lot.IntN(21))*time.Second))
		return
	}
	p.failures = 0
	switch {
	case p.canCollect(w.now):
		if w.now-p.approved > 7*day {
			w.lost++
		}
		if p.approved >= w.length/2 {
			w.connected = append(w.connected, w.now-p.approved)
		}
		w.gone(number)
	case w.now >= p.ends:
		w.gone(number)
	default:
		// One simulated phone is as many as its weight, and what is added up is the interval.
		w.loads[p.process].Polled(time.Duration(float64(p.interval)*w.weight), w.clock())
		w.again(number, p.interval)
	}
}

// again lets a phone poll after a wait; timers are up to a hundredth late.
func (w *week) again(number int, wait time.Duration) {
	late := time.Duration(w.lot.Int64N(int64(wait/100) + 1))
	w.events.push(event{(w.now + wait + late).Milliseconds(), number})
}

func (w *week) gone(number int) {
	w.waiting--
	w.free = append(w.free, number)
}

// hasRoom counts a poll, and reports whether the process can answer it within its patience: with half its processors, since
// the others are for all else.
func (w *week) hasRoom(process int) bool {
	w.bin += w.weight
	if w.counts() {
		w.polls += w.weight
	}
	const patience = 5 // seconds
	aSecond := float64(w.site.cores) / 2 / pollCPU.Seconds()
	b := &w.backlogs[process]
	b.polls = max(0, b.polls-aSecond*(w.now-b.at).Seconds())
	b.at = w.now
	// Of few phones that stand for many, some come at the same moment by chance.
	if b.polls+w.weight > max(patience*aSecond, 30*w.weight) {
		if w.counts() {
			w.refused += w.weight
		}
		return false
	}
	b.polls += w.weight
	return true
}

func (w *week) isDown() bool { return w.now >= outageBegins && w.now < outageBegins+outageLasts }

func (w *week) counts() bool { return w.now >= w.length/2 }

func (w *week) clock() time.Time { return beginning.Add(w.now) }

func (w *week) endBin(at time.Duration) {
	if at == outageBegins+outageLasts {
		w.start(at)
	}
	if at > w.length/2 {
		w.mostPolls = max(w.mostPolls, w.bin/bin.Seconds())
	}
	if at%time.Hour == 0 {
		told := oauth.PollInterval(w.site.least, w.loads[0].Pollers(beginning.Add(at)), w.site.rate())
		w.hours = append(w.hours, hour{float64(w.waiting) * w.weight, w.bin / bin.Seconds(), told})
	}
	w.bin = 0
}

// bound is the most polls a second that the policy lets phones have: see oauth.PollInterval.
func (w *week) bound() float64 {
	longest := oauth.LongestPollInterval.Seconds()
	return w.site.rate()*float64(w.site.processes)*(1+math.Log(longest/w.site.least.Seconds())) + float64(w.mostWaiting)/longest
}

// percentile is of the time from an approval to the tokens, in the second week.
func (w *week) percentile(p int) time.Duration {
	if len(w.connected) == 0 {
		return 0
	}
	return w.connected[(len(w.connected)-1)*p/100]
}

func (w *week) refusedPart() float64 { return w.refused / max(w.polls, 1) }
