package export

import (
	"cmp"
	"fmt"
	"slices"

	"countersign/audit/tree"
)

// logCheck lets the tree grow over a whole export, and holds proofs of a part against the export's checkpoint.
type logCheck struct {
	edge  tree.Edge
	own   *tree.Checkpoint // the export's; nil: none
	due   []due            // that a whole export comes to, by size
	good  int64            // the size up to which a checkpoint vouches
	found map[string]int64 // size of each that was the tree, by what it is called
}

// due is a checkpoint that the tree has to be.
type due struct {
	tree.Checkpoint
	name string
}

// The names of checkpoints.
const (
	ownCheckpoint  = "the export's checkpoint"
	keptCheckpoint = "the kept checkpoint"
)

func (l *logCheck) add(name string, c tree.Checkpoint) {
	l.due = append(l.due, due{c, name})
	slices.SortStableFunc(l.due, func(a, b due) int { return cmp.Compare(a.Size, b.Size) })
}

// append adds a leaf. The error says that the tree is not that of a checkpoint.
func (l *logCheck) append(leaf tree.Hash) error {
	l.edge.Append(leaf)
	for len(l.due) > 0 && l.due[0].Size <= l.edge.Size() {
		next := l.due[0]
		if next.Root != l.edge.Root() {
			return fmt.Errorf("this entry, or an earlier one from %d on, is not what %s of %d entries was signed over", l.good+1, next.name, next.Size)
		}
		l.good, l.due = next.Size, l.due[1:]
		l.found[next.name] = next.Size
	}
	return nil
}

// proof holds the entry of a part against the export's checkpoint. It reports whether that proves it.
func (l *logCheck) proof(e Entry, leaf tree.Hash) (bool, error) {
	switch {
	case l.own == nil || e.Seq > l.own.Size:
		if len(e.Proof) > 0 {
			return false, fmt.Errorf("it has a proof, and no checkpoint for it")
		}
		return false, nil
	case tree.CheckInclusion(e.Proof, *l.own, e.Seq-1, leaf) != nil && len(e.Proof) == 0:
		return false, fmt.Errorf("the proof that the export's checkpoint has it is missing")
	case tree.CheckInclusion(e.Proof, *l.own, e.Seq-1, leaf) != nil:
		return false, fmt.Errorf("its proof does not hold: the tree of the export's checkpoint does not have it")
	}
	l.found[ownCheckpoint] = l.own.Size
	return true, nil
}
