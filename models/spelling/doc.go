// Package spelling knows when two spellings of an account identifier are one.
//
// An account is named by a login_hint, in an accounts file, in the search box and in the claims
// of a member of staff, and each of these writes a telephone number or a mail address as it
// likes. All of them go through Key, so that one number is one account, for its owner and for the
// rule that nobody of the staff decides on their own account.
//
//	key.go        Key: the form under which an identifier is unique and found
//	telephone.go  numbers in international form, by their E.164 digits
//	mail.go       mail addresses: mailto:, internationalised domains, the trailing dot; Envelope
//	prefix.go     Prefixes: what a search by the first characters looks for
//	fold.go       Unicode NFKC_Casefold, for everything
//
// The package is pure: it reads no database and no clock.
package spelling
