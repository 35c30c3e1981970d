package keys

import "slices"

// Wanted is a key that there must be.
type Wanted struct {
	Purpose Purpose
	Status  Status
}

// Missing lists what there must be beside the keys of list: one current key for each purpose, and one next key for
// each purpose whose keys take turns.
func Missing(list []Key) []Wanted {
	var missing []Wanted
	for _, want := range all() {
		if !slices.ContainsFunc(list, func(k Key) bool { return Wanted{k.Purpose, k.Status} == want }) {
			missing = append(missing, want)
		}
	}
	return missing
}

func all() []Wanted {
	var wanted []Wanted
	for _, purpose := range SigningPurposes() {
		wanted = append(wanted, Wanted{purpose, Current}, Wanted{purpose, Next})
	}
	for _, purpose := range macPurposes() {
		wanted = append(wanted, Wanted{purpose, Current})
	}
	return wanted
}
