package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"countersign/oauth/deviceclient"
)

// deadlineLayout leaves no doubt about day and zone.
const deadlineLayout = "Monday 2 January 2006, 15:04 MST"

// say writes one remark; nobody can be told when the screen is gone.
func (v *phoneVisit) say(format string, args ...any) {
	v.drawn = 0
	_, _ = fmt.Fprintf(v.env.Stdout, format+"\n", args...)
}

// showRequest is the screen that the person takes to the counter. It also works
// offline: everything on it is in the state file.
func (v *phoneVisit) showRequest(fresh bool) {
	a := v.client.State.Authorization
	now := v.env.Now()
	if fresh {
		v.say("Asked %s to connect this phone to the account %s.\n", v.client.Issuer, v.client.State.LoginHint)
	} else {
		v.say("Going on with the request of %s for the account %s.\n", local(a.RequestedAt, now), v.client.State.LoginHint)
	}
	v.say("%s\n", large(a.UserCode.Reveal()))
	v.say("  Code:      %s", a.UserCode.Reveal())
	v.say("  Deadline:  %s (%s)", local(a.ExpiresAt, now), howLong(a.ExpiresAt, now))
	v.say("  Counters:  %s\n", a.VerificationURI)
	if square, err := terminalQR(a.VerificationURI); err == nil {
		v.say("%s\nThe square is the address of the counters, not the code.\n", square)
	}
	v.say("Take this phone and your ID card to a counter before the deadline. Show the code to nobody but the staff there.")
	if !now.Before(a.ExpiresAt) {
		v.say("The deadline has passed. If the counter approved the request in time, connecting still works.")
	}
}

func (v *phoneVisit) showAlreadyConnected() {
	v.say("This phone is connected to the account %s already.\nNext: call an API:\n  %s\nTo connect another account, use another --state FILE.", v.client.State.LoginHint, v.callCommand())
}

// note tells what changes while the phone waits, and is silent otherwise.
func (v *phoneVisit) note() func(context.Context, deviceclient.PollPause) {
	told := ""
	return func(_ context.Context, pause deviceclient.PollPause) {
		words := v.pauseWords(pause)
		if unreachable := pause.Cause != nil && deviceclient.ErrorCode(pause.Cause) == ""; unreachable || words != told {
			v.say("%s", words)
		}
		told = words
	}
}

func (v *phoneVisit) pauseWords(pause deviceclient.PollPause) string {
	if pause.Cause == nil || deviceclient.ErrorCode(pause.Cause) != "" {
		return fmt.Sprintf("Waiting for the counter, asking every %s. You may stop with Ctrl-C and go on later with the same command.",
			v.interval())
	}
	return fmt.Sprintf("%s. Trying again in %s.", capital(pause.Cause.Error()), span(pause.Delay))
}

// outcome says how it stands or how it ended, and what to do next.
func (v *phoneVisit) outcome(err error) error {
	if err == nil {
		v.say("Connected. The counter approved this phone for the account %s.\nNext: call an API:\n  %s", v.client.State.LoginHint,
			v.callCommand())
		return nil
	}
	refusal, answered := errors.AsType[*deviceclient.Error](err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return v.stopped()
	case answered && refusal.Pending():
		v.say("The counter has not decided yet.\nNext: go to the counter, then ask again:\n  %s", v.command("--no-wait"))
		return &exitError{code: exitPending}
	case answered:
		return failWith(v.refusalWords(refusal))
	}
	return failWith(fmt.Errorf("%w.\nNext: try again, nothing is lost:\n  %s", err, v.command("")))
}

// stopped is for a person who ends the program early.
func (v *phoneVisit) stopped() error {
	if v.client.State.Authorization == nil {
		return failWith(errors.New("stopped before there was a code"))
	}
	v.say("Stopped. The request still stands.\nNext: go on with it:\n  %s", v.command(""))
	return &exitError{code: exitPending}
}

func (v *phoneVisit) refusalWords(refusal *deviceclient.Error) error {
	again := v.command("")
	switch refusal.Code {
	case deviceclient.ErrAccessDenied:
		return fmt.Errorf("declined: %s\n  %s", declineWords(refusal.DeclineReason), again)
	case deviceclient.ErrExpiredToken:
		return fmt.Errorf("too late: the code was not approved, or not collected, in time.\nNext: start again for a new code:\n  %s", again)
	case deviceclient.ErrInvalidGrant:
		return fmt.Errorf("the server does not know this request any more.\nNext: start again for a new code:\n  %s", again)
	case deviceclient.ErrInvalidClient:
		return fmt.Errorf("the server does not accept this phone (%w).\nNext: check this device's date and time and try again:\n  %s\nIf that changes nothing, its registration is gone: remove %s and start again", refusal, again, v.file.Path)
	}
	return fmt.Errorf("the server refused (%w).\nNext: correct that and try again:\n  %s", refusal, again)
}

// declineWords say what is known of a decline, and what to do before the command that follows.
func declineWords(reason string) string {
	switch reason {
	case deviceclient.DeclinedDocumentExpired:
		return "the ID document has expired.\nNext: start again, and bring one that is valid:"
	case deviceclient.DeclinedDocumentNotAccepted:
		return "the ID document was not accepted.\nNext: start again, and bring another one that is valid and undamaged:"
	case deviceclient.DeclinedCounterTrouble:
		return "something at the counter did not work. That was not your fault.\nNext: start again, and go to a counter once more:"
	}
	return "the counter did not approve this request.\nNext: ask at the counter why, then start again:"
}

// command is what to type next, with the flags that this run was given.
func (v *phoneVisit) command(extra string) string {
	words := []string{"countersign", "phone", "--issuer", quoted(v.client.Issuer), "--login-hint", quoted(v.loginHint())}
	for _, flag := range []struct{ name, value string }{
		{"--name", v.flags.Name}, {"--description", v.flags.Description},
		{"--scope", v.flags.Scope}, {"--state", v.flags.State},
	} {
		if flag.value != "" {
			words = append(words, flag.name, quoted(flag.value))
		}
	}
	return strings.TrimSpace(strings.Join(words, " ") + " " + extra)
}

func (v *phoneVisit) callCommand() string {
	command := "countersign phone call " + quoted(strings.TrimSuffix(v.client.Issuer, "/")+"/api/whoami")
	if v.flags.State != "" {
		command += " --state " + quoted(v.flags.State)
	}
	return command
}

func (v *phoneVisit) loginHint() string {
	if v.flags.LoginHint != "" {
		return v.flags.LoginHint
	}
	return v.client.State.LoginHint
}

func (v *phoneVisit) interval() string {
	return span(time.Duration(v.client.State.Authorization.Interval) * time.Second)
}

func local(t, now time.Time) string { return t.In(now.Location()).Format(deadlineLayout) }

// near is how close a deadline is told in hours and minutes, cut off, so that nobody comes too late.
const near = 6 * time.Hour

// howLong says how long there is as people count, and as the phone's page says it: in days of the calendar where this phone is.
func howLong(t, now time.Time) string {
	left := t.Sub(now)
	if left <= 0 {
		return "passed"
	}
	if minutes := int(left / time.Minute); left < near && minutes < 120 {
		return fmt.Sprintf("in %d minutes", minutes)
	} else if left < near {
		return "in " + count(minutes/60, "hour")
	}
	switch days := dayNumber(t.In(now.Location())) - dayNumber(now); days {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	default:
		return "in " + count(days, "day")
	}
}

// dayNumber counts the days of the calendar.
func dayNumber(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / int64((24 * time.Hour).Seconds()))
}

// span says a duration in its two largest units, rounded down.
func span(d time.Duration) string {
	days, hours := int(d/(24*time.Hour)), int(d/time.Hour)%24
	minutes, seconds := int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case days > 0:
		return strings.TrimSpace(count(days, "day") + " " + count(hours, "hour"))
	case hours > 0:
		return strings.TrimSpace(count(hours, "hour") + " " + count(minutes, "minute"))
	case minutes > 0:
		return strings.TrimSpace(count(minutes, "minute") + " " + count(seconds, "second"))
	}
	return count(max(seconds, 1), "second")
}

func count(n int, unit string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoted makes one word of a POSIX shell.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
