package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"countersign/handlers/limits"
	"countersign/models"
)

// limitFlag sets rows of --limits in numbers.
const limitFlag = "limit"

func (f *ServeFlags) limits(c *checks) limits.Level {
	return limits.Level(c.oneOf("limits", f.Limits, string(limits.Default), string(limits.Strict), string(limits.Off)))
}

// wrongCodesPerOperator is the part of the limits that the store counts; 0 is its default.
func wrongCodesPerOperator(level limits.Level) int {
	switch level {
	case limits.Off:
		return -1
	case limits.Strict:
		return 10
	}
	return 0
}

// countedRow is a row that the store counts: one number within its bounds.
type countedRow struct {
	models.Bounds
	into *int
}

// countedRows are the rows that the store counts, by name.
func countedRows(policy *models.Policy) map[string]countedRow {
	const mostOfOperator = 1000
	return map[string]countedRow{
		"wrong-codes":          {models.Bounds{Least: 1, Most: mostOfOperator}, &policy.WrongCodesPerOperator},
		"wrong-codes-account":  {models.BoundsThatLock, &policy.WrongCodesThatLock},
		"waiting-requests":     {models.BoundsWaitingPerPhone, &policy.WaitingPerPhone},
		"waiting-from-network": {models.BoundsWaitingPerNetwork, &policy.WaitingPerNetwork},
	}
}

// limitNames are the names of all rows, in the order in which they are shown: at last those that the store counts.
func limitNames() (names []string) {
	for _, row := range limits.Rows() {
		names = append(names, string(row))
	}
	return append(names, "wrong-codes", "wrong-codes-account", "waiting-requests", "waiting-from-network")
}

// unwrapped takes away what the policies page has around a row, so that it is shown from left to right beside Arabic too: a row that
// was copied from there is taken.
var unwrapped = strings.NewReplacer("\u2066", "", "\u2068", "", "\u2069", "")

// ownLimits reads --limit NAME=NUMBERS. What the store counts goes to policy.
func (f *ServeFlags) ownLimits(c *checks, policy *models.Policy) limits.Own {
	own, inStore, seen := limits.Own{}, countedRows(policy), []string{}
	for _, value := range f.Limit {
		name, numbers, ok := c.pair(limitFlag, unwrapped.Replace(value), "Write it like searches=120,1/2s")
		if !ok {
			continue
		}
		row, isCounted := inStore[name]
		switch {
		case !slices.Contains(limitNames(), name):
			c.refuse(limitFlag, fmt.Sprintf("there is no limit %q", name),
				suggestion(name, limitNames(), "take one of "+strings.Join(limitNames(), ", ")))
		case slices.Contains(seen, name):
			c.refuse(limitFlag, fmt.Sprintf("%q is there twice", name), "Keep one of them")
		case isCounted:
			*row.into = c.countedLimit(name, numbers, row.Bounds)
		default:
			own[limits.Row(name)] = c.rate(name, numbers)
		}
		seen = append(seen, name)
	}
	return own
}

// countedLimit is one number within its bounds. What it names as an example is the bound that was passed, or else the stricter one.
func (c *checks) countedLimit(name, text string, bounds models.Bounds) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < bounds.Least || n > bounds.Most {
		c.refuse(limitFlag, fmt.Sprintf("%s=%s is not one whole number from %d to %d", name, text, bounds.Least, bounds.Most),
			"Write it like "+name+"="+strconv.Itoa(min(max(n, bounds.Least), bounds.Most)))
	}
	return n
}

func (c *checks) rate(name, text string) limits.Rate {
	rate, err := limits.ParseRate(text)
	todo := "Write it like " + name + "=120,1/2s: 120 at once, then one in 2 seconds; 50/1s is 50 a second"
	switch {
	case errors.Is(err, limits.ErrBurst):
		todo = "Write it like " + name + "=120,1/2s; what is to be without a limit is left to --limits off"
	case errors.Is(err, limits.ErrRateBounds):
		todo = "Take something from 1/1h to 10000/1s"
	}
	if err != nil {
		c.refuse(limitFlag, fmt.Sprintf("%s=%s: %s", name, text, err), todo)
	}
	return rate
}
