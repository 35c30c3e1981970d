//go:build race

package oauth_test

// manyPhones is a million with less patience: the race detector makes each poll twenty times as slow.
const manyPhones = 50_000
