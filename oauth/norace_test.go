//go:build !race

package oauth_test

const manyPhones = 1_000_000
