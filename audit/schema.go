package audit

import "encoding/json"

// Schema is the JSON schema (draft 2020-12) of the claims of a SET of type t,
// made from the catalogue. It is an *InvalidEventError when there is no such type.
func Schema(issuer string, t Type) ([]byte, error) {
	d, ok := Lookup(t)
	if !ok {
		return nil, &InvalidEventError{Type: t, Reason: "unknown event type"}
	}
	uri := TypeURI(issuer, t)
	claims := closedObject(claimSchemas(issuer, d), requiredClaims(d))
	claims["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	claims["$id"] = uri
	claims["title"] = d.Title
	claims["description"] = d.Doc
	return json.MarshalIndent(claims, "", "  ")
}

// schema is a JSON schema, or a part of one.
type schema = map[string]any

// closedObject is the schema of an object that has nothing but properties.
func closedObject(properties schema, required []string) schema {
	return schema{
		"type":                 "object",
		"properties":           properties,
		"required":             required,
		"additionalProperties": false,
	}
}

func requiredClaims(d Definition) []string {
	required := []string{"iss", "iat", "jti", "toe", "events"}
	if d.NeedsSubject {
		required = append(required, "sub_id")
	}
	return required
}

func claimSchemas(issuer string, d Definition) schema {
	uri := TypeURI(issuer, d.Type)
	properties := schema{
		"iss":    schema{"const": issuer},
		"iat":    schema{"type": "number", "minimum": 0},
		"jti":    schema{"type": "string", "minLength": 1},
		"toe":    schema{"type": "number", "minimum": 0},
		"txn":    schema{"type": "string", "pattern": identifierShape.String()},
		"events": closedObject(schema{uri: payloadSchema(d)}, []string{uri}),
	}
	if !d.RefusesSubject {
		properties["sub_id"] = closedObject(schema{
			"format": schema{"const": subjectFormat},
			"iss":    schema{"const": issuer},
			"sub":    schema{"type": "string", "pattern": identifierShape.String()},
		}, []string{"format", "iss", "sub"})
	}
	return properties
}

func payloadSchema(d Definition) schema {
	properties := schema{factSeq: schema{"type": "integer", "minimum": 1}}
	for _, names := range [][]string{d.Required, d.Optional, d.Former} {
		for _, name := range names {
			properties[name] = factSchema(d, name)
		}
	}
	return closedObject(properties, append([]string{factSeq}, d.Required...))
}

func factSchema(d Definition, fact string) schema {
	switch fact {
	case factActor:
		return actorSchema(d)
	case factDevice:
		return deviceSchema(d)
	case factRoles:
		return schema{"type": "array", "minItems": 1, "items": wordSchema(d, fact)}
	case factCounters:
		return schema{"type": "array", "minItems": 1, "items": schema{"type": "string", "pattern": identifierShape.String()}}
	case factFilter:
		return schema{"type": "array", "minItems": 1, "items": schema{"type": "string", "pattern": termShape.String()}}
	case factDetails:
		return detailsSchema(d)
	case factPendingUntil, factRedeemUntil, factRequestedAt, factRegisteredAt, factCount, factUsual, factTriesLeft, factBefore:
		return schema{"type": "integer", "minimum": 0}
	case factReason, factPresence, factEntered, factDocumentRead, factQueryKind:
		return wordSchema(d, fact)
	}
	if shape, ok := stringShape(fact); ok {
		return schema{"type": "string", "pattern": shape.String()}
	}
	return schema{"not": schema{}}
}

// detailsSchema allows a hash for each field of the type.
func detailsSchema(d Definition) schema {
	properties := schema{}
	for _, field := range d.Details {
		properties[field] = schema{"type": "string", "pattern": thumbprintShape.String()}
	}
	return schema{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
}

// wordSchema allows the words of a fact, or each choice of them where they are joined.
func wordSchema(d Definition, fact string) schema {
	values := make([]string, 0, len(d.Words[fact]))
	for _, word := range d.Words[fact] {
		values = append(values, word.Value)
	}
	if fact == factReason && d.JoinsReasons {
		values = choices(values)
	}
	return schema{"type": "string", "enum": values}
}

// choices are all choices of one or more of the words, in their order and joined.
func choices(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	list := []string{words[0]}
	for _, rest := range choices(words[1:]) {
		list = append(list, words[0]+" "+rest)
	}
	return append(list, choices(words[1:])...)
}

func deviceSchema(d Definition) schema {
	properties := schema{}
	for _, member := range []string{deviceClient, deviceKeyThumbprint} {
		shape, _ := deviceShape(member)
		properties[member] = schema{"type": "string", "pattern": shape.String()}
	}
	return closedObject(properties, d.deviceMembers())
}

func actorSchema(d Definition) schema {
	properties := schema{}
	for _, kind := range d.Actors {
		properties[kind] = schema{"type": "string", "pattern": actorShape(kind).String()}
	}
	if len(d.Systems) > 0 {
		properties[ActorSystem] = schema{"type": "string", "enum": d.Systems}
	}
	return schema{
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
		"minProperties":        1,
		"maxProperties":        1,
	}
}
