package term

// Erasure is why an account was erased.
type Erasure string

// Why.
const (
	ErasureRequested Erasure = "requested"  // by its holder
	ErasureUnneeded  Erasure = "not_needed" // the organisation has no use for it any more
	ErasureOrdered   Erasure = "ordered"    // by an authority or a court
	ErasureMistaken  Erasure = "by_mistake" // it should never have been there
)

// Erasures lists the set.
func Erasures() []Erasure {
	return []Erasure{ErasureRequested, ErasureUnneeded, ErasureOrdered, ErasureMistaken}
}

// Label returns it in plain English.
func (e Erasure) Label() string {
	switch e {
	case ErasureRequested:
		return "its holder asked for it"
	case ErasureUnneeded:
		return "it is not needed any more"
	case ErasureOrdered:
		return "an authority ordered it"
	case ErasureMistaken:
		return "it was there by mistake"
	}
	return string(e)
}
