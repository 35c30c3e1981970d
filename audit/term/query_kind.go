package term

// QueryKind is how an account was looked up.
type QueryKind string

// How an account was looked up.
const (
	QueryExact    QueryKind = "exact"    // by an identifier, whole
	QueryPrefix   QueryKind = "prefix"   // by the beginning of an identifier
	QueryResult   QueryKind = "result"   // out of the results of a search
	QueryPresence QueryKind = "presence" // by a presence proof of a phone that waits
	QueryRequest  QueryKind = "request"  // from one of its requests: in the trail, on a receipt, as a second person
)

// QueryKinds lists the set.
func QueryKinds() []QueryKind {
	return []QueryKind{
		QueryExact, QueryPrefix, QueryResult, QueryPresence, QueryRequest,
	}
}

// Label returns it in plain English.
func (q QueryKind) Label() string {
	return string(q)
}
