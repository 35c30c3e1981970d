package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"

	"countersign/audit/term"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Names of facts, as in the SET and in a Definition.
const (
	factActor               = "actor"
	factSession             = "session"
	factCounter             = "counter"
	factDevice              = "device"
	factDeviceAuthorization = "device_authorization"
	factBinding             = "binding"
	factProofing            = "proofing"
	factEvent               = "event"
	factPublisher           = "publisher"
	factSoftware            = "software"
	factResourceServer      = "resource_server"
	factResource            = "resource"
	factRegistrationToken   = "registration_token"
	factSecondStaff         = "second_staff"
	factStaff               = "staff"
	factCounters            = "counters"
	factReason              = "reason"
	factPresence            = "presence"
	factEntered             = "entered"
	factDocumentRead        = "document_read"
	factPendingUntil        = "pending_until"
	factRedeemUntil         = "redeem_until"
	factRequestedAt         = "requested_at"
	factRequestedFrom       = "requested_from"
	factRegisteredAt        = "registered_at"
	factScope               = "scope"
	factRoles               = "roles"
	factCount               = "count"
	factUsual               = "usual"
	factTriesLeft           = "tries_left"
	factBefore              = "before"
	factQueryKind           = "query_kind"
	factAddress             = "address"
	factKey                 = "key"
	factFilter              = "filter"
	factNoteHash            = "note_hash"
	factDetails             = "details"

	// factSeq is the entry's number in the log. Append states it in every
	// event, so that a row cannot be given another number.
	factSeq = "seq"
)

// Names of the members of the fact device.
const (
	deviceClient        = "client"
	deviceKeyThumbprint = "key_thumbprint"
)

// Shapes of strings. None of them takes a sentence or a person's name: a word
// is a code in small letters, an identifier has no spaces.
var (
	identifierShape = regexp.MustCompile(`^[!-~]{1,255}$`)
	wordShape       = regexp.MustCompile(`^[a-z0-9][a-z0-9 _-]{0,63}$`)
	thumbprintShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	scopeShape      = regexp.MustCompile(`^[!#-\[\]-~]+( [!#-\[\]-~]+)*$`) // RFC 6749 §3.3
	resourceShape   = regexp.MustCompile(`^[!-~]+( [!-~]+)*$`)             // URIs, RFC 8707 §2
	addressShape    = regexp.MustCompile(`^[0-9a-fA-F.:]{2,45}$`)
)

// stringShape is the shape of the string facts.
func stringShape(fact string) (*regexp.Regexp, bool) {
	switch fact {
	case factNoteHash:
		return thumbprintShape, true
	case factSession, factCounter, factStaff, factSecondStaff, factDeviceAuthorization, factBinding, factProofing,
		factEvent, factPublisher, factSoftware, factRegistrationToken, factResourceServer, factKey:
		return identifierShape, true
	case factResource:
		return resourceShape, true
	case factReason, factPresence, factEntered, factDocumentRead, factQueryKind:
		return wordShape, true
	case factScope:
		return scopeShape, true
	case factAddress, factRequestedFrom:
		return addressShape, true
	}
	return nil, false
}

// checkFact holds one fact's JSON value against its shape, and against what the
// event type says of its actor and its device.
func checkFact(d Definition, fact string, value json.RawMessage) error {
	if len(value) == 0 || string(value) == "null" {
		return fmt.Errorf("fact %s is null", fact)
	}
	switch fact {
	case factActor:
		return checkActor(value, d)
	case factDevice:
		return checkDevice(value, d.deviceMembers())
	case factRoles:
		return checkRoles(d, value)
	case factCounters:
		_, err := checkList(fact, value, identifierShape)
		return err
	case factFilter:
		_, err := checkList(fact, value, termShape)
		return err
	case factReason, factPresence, factEntered, factDocumentRead, factQueryKind:
		return checkWord(d, fact, value)
	case factPendingUntil, factRedeemUntil, factRequestedAt, factRegisteredAt, factCount, factUsual, factTriesLeft, factBefore:
		return checkNumber(fact, value)
	case factDetails:
		return checkDetails(d, value)
	case factAddress, factRequestedFrom:
		var address string
		if strict.Unmarshal(value, &address) != nil {
			return fmt.Errorf("fact %s is not an IP address", fact)
		}
		return checkAddress(fact, address)
	}
	_, err := checkString(fact, value)
	return err
}

func checkString(fact string, value json.RawMessage) (string, error) {
	shape, ok := stringShape(fact)
	s, read := unquoted(value)
	if !ok || !read && strict.Unmarshal(value, &s) != nil || !fits(shape, s) {
		return "", fmt.Errorf("fact %s does not look like one", fact)
	}
	return s, nil
}

// checkAddress wants an IP address without a zone.
func checkAddress(fact, address string) error {
	if _, err := netip.ParseAddr(address); err != nil {
		return fmt.Errorf("fact %s is not an IP address", fact)
	}
	if !addressShape.MatchString(address) {
		return fmt.Errorf("fact %s does not look like one", fact)
	}
	return nil
}

// checkDetails wants hashes by the fields of the type.
func checkDetails(d Definition, value json.RawMessage) error {
	hashes, read := stringMembers(value)
	if !read && strict.Unmarshal(value, &hashes) != nil || len(hashes) == 0 {
		return fmt.Errorf("fact details is not hashes by their fields")
	}
	for _, field := range slices.Sorted(maps.Keys(hashes)) {
		if !slices.Contains(d.Details, field) {
			return fmt.Errorf("fact details has an unexpected %q", field)
		}
		if !fits(thumbprintShape, hashes[field]) {
			return fmt.Errorf("%s of fact details does not look like a hash", field)
		}
	}
	return nil
}

// checkWord wants one of the words that the type allows for the fact.
func checkWord(d Definition, fact string, value json.RawMessage) error {
	s, err := checkString(fact, value)
	if err != nil {
		return err
	}
	if d.has(fact, s) || fact == factReason && d.Reasons(s) != nil {
		return nil
	}
	return fmt.Errorf("fact %s holds a word that is not one of this event's", fact)
}

func checkRoles(d Definition, value json.RawMessage) error {
	roles, err := checkList(factRoles, value, wordShape)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if !d.has(factRoles, role) {
			return fmt.Errorf("fact roles holds a word that is no role")
		}
	}
	return nil
}

func checkNumber(fact string, value json.RawMessage) error {
	var n int64
	if strict.Unmarshal(value, &n) != nil || n < 0 {
		return fmt.Errorf("fact %s is not a whole number from 0", fact)
	}
	return nil
}

// checkList wants strings of one shape, at least one.
func checkList(fact string, value json.RawMessage, shape *regexp.Regexp) ([]string, error) {
	var list []string
	if strict.Unmarshal(value, &list) != nil || len(list) == 0 {
		return nil, fmt.Errorf("fact %s is not a list", fact)
	}
	for _, member := range list {
		if !fits(shape, member) {
			return nil, fmt.Errorf("fact %s holds what does not look like one", fact)
		}
	}
	return list, nil
}

func checkActor(value json.RawMessage, d Definition) error {
	members, read := stringMembers(value)
	if !read && strict.Unmarshal(value, &members) != nil || len(members) != 1 {
		return fmt.Errorf("fact actor must name exactly one of staff, client, system")
	}
	for kind, id := range members {
		if !slices.Contains(d.Actors, kind) {
			return fmt.Errorf("actor of kind %q cannot cause it", kind)
		}
		if !fits(actorShape(kind), id) {
			return fmt.Errorf("fact actor does not look like one")
		}
		if kind == ActorSystem && !slices.Contains(d.Systems, term.System(id)) {
			return fmt.Errorf("fact actor names no part of the server that can cause it")
		}
	}
	return nil
}

func checkDevice(value json.RawMessage, required []string) error {
	members, read := stringMembers(value)
	if !read && strict.Unmarshal(value, &members) != nil {
		return fmt.Errorf("fact device is not the client and its key")
	}
	for _, name := range required {
		if _, ok := members[name]; !ok {
			return fmt.Errorf("fact device must have a %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		shape, ok := deviceShape(name)
		if !ok {
			return fmt.Errorf("fact device has an unexpected %q", name)
		}
		if !fits(shape, members[name]) {
			return fmt.Errorf("%s of fact device does not look like one", name)
		}
	}
	return nil
}

// deviceMembers are the members that the device of d must have.
func (d Definition) deviceMembers() []string {
	if d.NeedsThumbprint {
		return []string{deviceClient, deviceKeyThumbprint}
	}
	return []string{deviceClient}
}

func deviceShape(member string) (*regexp.Regexp, bool) {
	switch member {
	case deviceClient:
		return identifierShape, true
	case deviceKeyThumbprint:
		return thumbprintShape, true
	}
	return nil, false
}

func actorShape(kind string) *regexp.Regexp {
	if kind == ActorSystem {
		return wordShape
	}
	return identifierShape
}
