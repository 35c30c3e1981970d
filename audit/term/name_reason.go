package term

// NameReason is why a name that differs on an ID document is the same person's.
type NameReason string

// Why the name differs.
const (
	NameChanged  NameReason = "changed name"
	NameSpelling NameReason = "other spelling"
	NameShort    NameReason = "short form"
)

// NameReasons lists the set.
func NameReasons() []NameReason {
	return []NameReason{
		NameChanged, NameSpelling, NameShort,
	}
}

// Label returns it in plain English.
func (n NameReason) Label() string {
	switch n {
	case NameChanged:
		return "The name changed, and the person can show it"
	case NameSpelling:
		return "Another spelling or script of the same name"
	case NameShort:
		return "A short form, or a name left out"
	}
	return string(n)
}
